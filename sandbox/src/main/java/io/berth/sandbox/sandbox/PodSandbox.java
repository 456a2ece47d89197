package io.berth.sandbox.sandbox;

import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.PodSandboxConfig;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/**
 * One sandbox as it was at one moment.
 *
 * @param requestHash hash of the request that made it, by which a retry is known
 * @param bootId the boot in which it was made: after another one, nothing of it can be alive
 * @param ips addresses of the pod, the primary one first; empty on the host's network
 */
public record PodSandbox(
        SandboxId id,
        SandboxName name,
        String requestHash,
        String runtimeHandler,
        PodSandboxConfig config,
        Instant createdAt,
        String bootId,
        List<String> ips,
        SandboxState state) {

    public PodSandbox {
        ips = List.copyOf(ips);
    }

    /** This sandbox after an event. */
    public PodSandbox after(SandboxEvent event) {
        return in(SandboxState.next(state, event));
    }

    /** This sandbox with its addresses known. */
    public PodSandbox withIps(List<String> found) {
        return new PodSandbox(
                id, name, requestHash, runtimeHandler, config, createdAt, bootId, found, state);
    }

    /** This sandbox with another overhead and another sum of its containers' limits. */
    public PodSandbox withResources(
            LinuxContainerResources overhead, LinuxContainerResources resources) {
        var changed = config.toBuilder();
        changed.getLinuxBuilder().setOverhead(overhead).setResources(resources);
        return new PodSandbox(
                id,
                name,
                requestHash,
                runtimeHandler,
                changed.build(),
                createdAt,
                bootId,
                ips,
                state);
    }

    /** Whether the pod shares the host's network namespace and has no network of its own. */
    public boolean onHostNetwork() {
        return config.getLinux().getSecurityContext().getNamespaceOptions().getNetwork()
                == NamespaceMode.NODE;
    }

    /** Whether containers can be made in it. */
    public boolean ready() {
        return state instanceof SandboxState.Ready;
    }

    /** Whether lists show it; also on its way out, so that a removal that failed is retried. */
    public boolean listed() {
        return !(state instanceof SandboxState.Creating);
    }

    private PodSandbox in(SandboxState next) {
        return new PodSandbox(
                id, name, requestHash, runtimeHandler, config, createdAt, bootId, ips, next);
    }

    /** The form that is stored: the config as the bytes of its message, in base 64. */
    record Stored(
            String id,
            String name,
            String requestHash,
            String runtimeHandler,
            String config,
            Instant createdAt,
            String bootId,
            List<String> ips,
            SandboxState state) {}

    Stored stored() {
        return new Stored(
                id.value(),
                name.value(),
                requestHash,
                runtimeHandler,
                Base64.getEncoder().encodeToString(config.toByteArray()),
                createdAt,
                bootId,
                ips,
                state);
    }

    static PodSandbox of(Stored stored) {
        try {
            return new PodSandbox(
                    new SandboxId(stored.id()),
                    new SandboxName(stored.name()),
                    stored.requestHash(),
                    stored.runtimeHandler(),
                    PodSandboxConfig.parseFrom(Base64.getDecoder().decode(stored.config())),
                    stored.createdAt(),
                    stored.bootId(),
                    stored.ips(),
                    stored.state());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "sandbox %s: its stored config does not parse: %s"
                            .formatted(stored.id(), e.getMessage()),
                    e);
        }
    }
}
