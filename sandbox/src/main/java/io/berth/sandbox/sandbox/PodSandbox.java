package io.berth.sandbox.sandbox;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.sandbox.wire.KeptMessage;
import io.berth.sandbox.wire.KeptMessages;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * One sandbox as it was at one moment. What lists and states need of its request is in memory; the
 * request itself is in the store.
 *
 * @param requestHash hash of the request that made it, by which a retry is known
 * @param request the request's config, whose limits may be older than those of the outline
 * @param bootId the boot in which it was made: after another one, nothing of it can be alive
 * @param ips addresses of the pod, the primary one first; empty on the host's network
 */
public record PodSandbox(
        SandboxId id,
        SandboxName name,
        String requestHash,
        String runtimeHandler,
        KeptMessage<PodSandboxConfig> request,
        SandboxOutline outline,
        Instant createdAt,
        String bootId,
        List<String> ips,
        SandboxState state) {

    public PodSandbox {
        ips = List.copyOf(ips);
    }

    /** A sandbox whose request is not in the store yet. */
    public PodSandbox(
            SandboxId id,
            SandboxName name,
            String requestHash,
            String runtimeHandler,
            PodSandboxConfig config,
            Instant createdAt,
            String bootId,
            List<String> ips,
            SandboxState state) {
        this(
                id,
                name,
                requestHash,
                runtimeHandler,
                KeptMessage.of(config),
                SandboxOutline.of(config),
                createdAt,
                bootId,
                ips,
                state);
    }

    /**
     * The request's config with today's limits. Reads the store, see {@link KeptMessage#get}; what
     * runs in the background, or for many sandboxes at once, asks {@link #brief} or the labels.
     */
    public PodSandboxConfig config() {
        var config = request.get();
        var now = brief().getLinux();
        var then = config.getLinux();
        if (then.getResources().equals(now.getResources())
                && then.getOverhead().equals(now.getOverhead())) {
            return config;
        }
        var changed = config.toBuilder();
        changed.getLinuxBuilder().setOverhead(now.getOverhead()).setResources(now.getResources());
        return changed.build();
    }

    /** The part of the config that is in memory; see {@link SandboxOutline}. */
    public PodSandboxConfig brief() {
        return outline.brief();
    }

    /** The labels of the request; made anew by each call. */
    public Map<String, String> labels() {
        return outline.labels();
    }

    /** The annotations of the request; made anew by each call. */
    public Map<String, String> annotations() {
        return outline.annotations();
    }

    /** This sandbox after an event. */
    public PodSandbox after(SandboxEvent event) {
        return in(SandboxState.next(state, event));
    }

    /** This sandbox with its addresses known. */
    public PodSandbox withIps(List<String> found) {
        return new PodSandbox(
                id,
                name,
                requestHash,
                runtimeHandler,
                request,
                outline,
                createdAt,
                bootId,
                found,
                state);
    }

    /** This sandbox with another overhead and another sum of its containers' limits. */
    public PodSandbox withResources(
            LinuxContainerResources overhead, LinuxContainerResources resources) {
        return new PodSandbox(
                id,
                name,
                requestHash,
                runtimeHandler,
                request,
                outline.withResources(overhead, resources),
                createdAt,
                bootId,
                ips,
                state);
    }

    /** Whether the pod shares the host's network namespace and has no network of its own. */
    public boolean onHostNetwork() {
        return brief().getLinux().getSecurityContext().getNamespaceOptions().getNetwork()
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

    /** This sandbox with its request in the store, where {@code kept} lies. */
    PodSandbox with(KeptMessage<PodSandboxConfig> kept) {
        return new PodSandbox(
                id,
                name,
                requestHash,
                runtimeHandler,
                kept,
                outline,
                createdAt,
                bootId,
                ips,
                state);
    }

    /** This sandbox with no more in memory than it needs there. */
    PodSandbox slim() {
        return new PodSandbox(
                id,
                name,
                requestHash,
                runtimeHandler,
                request,
                outline.slim(request),
                createdAt,
                bootId,
                ips,
                state);
    }

    private PodSandbox in(SandboxState next) {
        return new PodSandbox(
                id,
                name,
                requestHash,
                runtimeHandler,
                request,
                outline,
                createdAt,
                bootId,
                ips,
                next);
    }

    /**
     * The form that is stored.
     *
     * @param request what is known of the config, which is a document of its own
     * @param brief the outline's message, in base 64
     * @param listed labels and annotations as lists have them, in base 64
     */
    record Stored(
            String id,
            String name,
            String requestHash,
            String runtimeHandler,
            KeptMessage.Mark request,
            String brief,
            String listed,
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
                request.mark(),
                Base64.getEncoder().encodeToString(outline.brief().toByteArray()),
                Base64.getEncoder().encodeToString(outline.listed().stored().toByteArray()),
                createdAt,
                bootId,
                ips,
                state);
    }

    static PodSandbox of(Stored stored, KeptMessages<PodSandboxConfig> requests) {
        return new PodSandbox(
                new SandboxId(stored.id()),
                new SandboxName(stored.name()),
                stored.requestHash(),
                stored.runtimeHandler(),
                requests.in(stored.id(), stored.request()),
                SandboxOutline.of(
                        "sandbox " + stored.id(),
                        ByteString.copyFrom(Base64.getDecoder().decode(stored.brief())),
                        ByteString.copyFrom(Base64.getDecoder().decode(stored.listed()))),
                stored.createdAt(),
                stored.bootId(),
                stored.ips(),
                stored.state());
    }
}
