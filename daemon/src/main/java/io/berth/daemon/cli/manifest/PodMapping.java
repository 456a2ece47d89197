package io.berth.daemon.cli.manifest;

import io.berth.cri.v1.DNSConfig;
import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxMetadata;
import io.berth.cri.v1.PortMapping;
import io.berth.cri.v1.Protocol;
import io.berth.cri.v1.SecurityProfile;
import io.berth.cri.v1.SecurityProfile.ProfileType;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.List;
import java.util.Map;

/** A pod in the CRI's words, as the kubelet would put it. */
public final class PodMapping {
    private static final int MAX_HOSTNAME = 63;

    private PodMapping() {}

    /**
     * The sandbox of a pod.
     *
     * @param extra annotations besides the manifest's
     */
    public static PodSandboxConfig sandbox(
            Manifest manifest,
            PodIdentity identity,
            Places places,
            HostFacts host,
            Map<String, String> extra) {
        var spec = manifest.pod().getSpec();
        var metadata = manifest.pod().getMetadata();
        var config =
                PodSandboxConfig.newBuilder()
                        .setMetadata(
                                PodSandboxMetadata.newBuilder()
                                        .setName(identity.name())
                                        .setNamespace(identity.namespace())
                                        .setUid(identity.uid())
                                        .setAttempt(identity.attempt()))
                        .setLogDirectory(places.logs().toString())
                        .putAllLabels(orEmpty(metadata.getLabels()))
                        .putLabels("io.kubernetes.pod.name", identity.name())
                        .putLabels("io.kubernetes.pod.namespace", identity.namespace())
                        .putLabels("io.kubernetes.pod.uid", identity.uid())
                        .putAllAnnotations(orEmpty(metadata.getAnnotations()))
                        .putAllAnnotations(extra);
        if (!isTrue(spec.getHostNetwork())) {
            var name = spec.getHostname() == null ? identity.name() : spec.getHostname();
            config.setHostname(name.substring(0, Math.min(MAX_HOSTNAME, name.length())));
            spec.getContainers().stream()
                    .flatMap(container -> container.getPorts().stream())
                    .filter(port -> port.getHostPort() != null && port.getHostPort() != 0)
                    .forEach(port -> config.addPortMappings(port(port)));
        }
        dns(spec, host).ifPresent(config::setDnsConfig);
        return config.setLinux(linux(spec)).build();
    }

    /** The runtime handler that a pod asks for; empty is the default one. */
    public static String runtimeHandler(Manifest manifest) {
        var handler = manifest.pod().getSpec().getRuntimeClassName();
        return handler == null ? "" : handler;
    }

    private static PortMapping port(io.fabric8.kubernetes.api.model.ContainerPort port) {
        return PortMapping.newBuilder()
                .setProtocol(
                        Protocol.valueOf(port.getProtocol() == null ? "TCP" : port.getProtocol()))
                .setContainerPort(port.getContainerPort())
                .setHostPort(port.getHostPort())
                .setHostIp(port.getHostIP() == null ? "" : port.getHostIP())
                .build();
    }

    private static LinuxPodSandboxConfig linux(PodSpec spec) {
        var security =
                LinuxSandboxSecurityContext.newBuilder()
                        .setNamespaceOptions(namespaces(spec))
                        .setSeccomp(
                                SecurityProfile.newBuilder()
                                        .setProfileType(ProfileType.RuntimeDefault));
        var linux = LinuxPodSandboxConfig.newBuilder();
        var pods = spec.getSecurityContext();
        if (pods != null) {
            if (pods.getRunAsUser() != null) {
                security.setRunAsUser(Int64Value.newBuilder().setValue(pods.getRunAsUser()));
            }
            if (pods.getRunAsGroup() != null && pods.getRunAsUser() != null) {
                security.setRunAsGroup(Int64Value.newBuilder().setValue(pods.getRunAsGroup()));
            }
            security.addAllSupplementalGroups(pods.getSupplementalGroups());
            pods.getSysctls().forEach(s -> linux.putSysctls(s.getName(), s.getValue()));
        }
        return linux.setSecurityContext(security).build();
    }

    /** The namespaces of a pod and of each of its containers. */
    static NamespaceOption namespaces(PodSpec spec) {
        return NamespaceOption.newBuilder()
                .setNetwork(isTrue(spec.getHostNetwork()) ? NamespaceMode.NODE : NamespaceMode.POD)
                .setIpc(isTrue(spec.getHostIPC()) ? NamespaceMode.NODE : NamespaceMode.POD)
                .setPid(
                        isTrue(spec.getHostPID())
                                ? NamespaceMode.NODE
                                : isTrue(spec.getShareProcessNamespace())
                                        ? NamespaceMode.POD
                                        : NamespaceMode.CONTAINER)
                .build();
    }

    /** Nothing where the pod takes the host's as it is. */
    private static java.util.Optional<DNSConfig> dns(PodSpec spec, HostFacts host) {
        var wanted = spec.getDnsConfig();
        if (wanted == null) {
            return java.util.Optional.empty();
        }
        var dns = DNSConfig.newBuilder();
        if (!"None".equals(spec.getDnsPolicy())) {
            for (var line : host.resolvConf().lines().toList()) {
                var words = List.of(line.strip().split("\\s+", -1));
                var values = words.subList(1, words.size());
                switch (words.getFirst()) {
                    case "nameserver" -> dns.addAllServers(values);
                    case "search" -> dns.clearSearches().addAllSearches(values);
                    case "options" -> dns.addAllOptions(values);
                    default -> {} // comments, and what resolvers have given up
                }
            }
        }
        dns.addAllServers(wanted.getNameservers()).addAllSearches(wanted.getSearches());
        wanted.getOptions()
                .forEach(
                        option ->
                                dns.addOptions(
                                        option.getValue() == null
                                                ? option.getName()
                                                : option.getName() + ":" + option.getValue()));
        return java.util.Optional.of(dns.build());
    }

    /** The text of the pod's {@code /etc/hosts}. */
    public static String hosts(Manifest manifest, PodSandboxConfig sandbox, String podIp) {
        var out = new StringBuilder("# written by berth run\n127.0.0.1 localhost\n::1 localhost\n");
        if (!podIp.isEmpty() && !sandbox.getHostname().isEmpty()) {
            out.append(podIp).append(' ').append(sandbox.getHostname()).append('\n');
        }
        for (var alias : manifest.pod().getSpec().getHostAliases()) {
            out.append(alias.getIp()).append(' ');
            out.append(String.join(" ", alias.getHostnames())).append('\n');
        }
        return out.toString();
    }

    static boolean isTrue(@org.jspecify.annotations.Nullable Boolean flag) {
        return Boolean.TRUE.equals(flag);
    }

    private static Map<String, String> orEmpty(
            @org.jspecify.annotations.Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }
}
