package io.berth.sandbox.operation;

import io.berth.cni.Bandwidth;
import io.berth.cni.Dns;
import io.berth.cni.PodNetworkRequest;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A sandbox's config in the words of the network plugins. */
public final class NetworkRequests {
    private NetworkRequests() {}

    /** What ADD and DEL are told about a sandbox; the same each time. */
    public static PodNetworkRequest of(PodSandbox sandbox) {
        return of(sandbox.id(), sandbox.config());
    }

    /**
     * The same, for a config that has no sandbox yet.
     *
     * @throws SandboxException.InvalidRequest if a port, an address or a limit makes no sense
     */
    static PodNetworkRequest of(SandboxId id, PodSandboxConfig config) {
        var metadata = config.getMetadata();
        try {
            return new PodNetworkRequest(
                    id.value(),
                    metadata.getName(),
                    metadata.getNamespace(),
                    metadata.getUid(),
                    ports(config),
                    Bandwidth.fromAnnotations(config.getAnnotationsMap()),
                    dns(config),
                    config.getAnnotationsMap(),
                    config.getLinux().getCgroupParent());
        } catch (IllegalArgumentException e) {
            throw new SandboxException.InvalidRequest(
                    "pod %s/%s: %s"
                            .formatted(
                                    metadata.getNamespace(), metadata.getName(), e.getMessage()));
        }
    }

    /** Only ports that ask for one of the host's need the network's help. */
    private static List<io.berth.cni.PortMapping> ports(PodSandboxConfig config) {
        return config.getPortMappingsList().stream()
                .filter(port -> port.getHostPort() != 0)
                .map(
                        port ->
                                new io.berth.cni.PortMapping(
                                        port.getHostPort(),
                                        port.getContainerPort(),
                                        port.getProtocol().name().toLowerCase(Locale.ROOT),
                                        port.getHostIp()))
                .toList();
    }

    private static Optional<Dns> dns(PodSandboxConfig config) {
        if (!config.hasDnsConfig()) {
            return Optional.empty();
        }
        var dns = config.getDnsConfig();
        return Optional.of(
                new Dns(dns.getServersList(), "", dns.getSearchesList(), dns.getOptionsList()));
    }
}
