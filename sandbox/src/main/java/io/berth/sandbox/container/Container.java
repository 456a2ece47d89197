package io.berth.sandbox.container;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.wire.KeptMessage;
import io.berth.sandbox.wire.KeptMessages;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * One container as it was at one moment. What lists and states need of its request is in memory;
 * the request itself is in the store.
 *
 * @param requestHash hash of the request that made it, by which a retry is known
 * @param request the request's config, whose limits may be older than those of the outline
 * @param imageId the image's id: the digest of its config
 * @param imageRef the image as the status names it: a digest reference where there is one
 * @param stopSignal what asks it to stop: a name such as SIGTERM
 * @param user as whom it runs; absent until it is prepared
 * @param restored whether its process goes on from a checkpoint instead of beginning anew
 * @param logPath absolute path of its log, or empty if it has none
 */
public record Container(
        ContainerId id,
        ContainerName name,
        SandboxId sandbox,
        String requestHash,
        KeptMessage<ContainerConfig> request,
        ContainerOutline outline,
        String imageId,
        String imageRef,
        String stopSignal,
        String logPath,
        Instant createdAt,
        Optional<ContainerUser> user,
        boolean restored,
        ContainerState state) {

    /** A container whose request is not in the store yet. */
    public Container(
            ContainerId id,
            ContainerName name,
            SandboxId sandbox,
            String requestHash,
            ContainerConfig config,
            String imageId,
            String imageRef,
            String stopSignal,
            String logPath,
            Instant createdAt,
            Optional<ContainerUser> user,
            boolean restored,
            ContainerState state) {
        this(
                id,
                name,
                sandbox,
                requestHash,
                KeptMessage.of(config),
                ContainerOutline.of(config),
                imageId,
                imageRef,
                stopSignal,
                logPath,
                createdAt,
                user,
                restored,
                state);
    }

    /**
     * The request's config with today's limits. Reads the store, see {@link KeptMessage#get}; what
     * runs in the background, or for many containers at once, asks {@link #brief} or the labels.
     */
    public ContainerConfig config() {
        var config = request.get();
        var limits = brief().getLinux().getResources();
        return config.getLinux().getResources().equals(limits)
                ? config
                : config.toBuilder()
                        .setLinux(config.getLinux().toBuilder().setResources(limits))
                        .build();
    }

    /** The part of the config that is in memory; see {@link ContainerOutline}. */
    public ContainerConfig brief() {
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

    /** This container after an event. */
    public Container after(ContainerEvent event) {
        var known =
                event instanceof ContainerEvent.Prepared prepared
                        ? Optional.of(prepared.user())
                        : user;
        return changed(outline, known, restored, ContainerState.next(state, event));
    }

    /** This container as one that goes on from a checkpoint. */
    public Container goesOn() {
        return changed(outline, user, true, state);
    }

    /** This container with no more in memory than it needs there. */
    Container slim() {
        return changed(outline.slim(request), user, restored, state);
    }

    /** This container with other limits. */
    public Container withResources(LinuxContainerResources resources) {
        return changed(outline.withResources(resources), user, restored, state);
    }

    /** This container with what can change in its life; the rest is as it was made. */
    private Container changed(
            ContainerOutline outline,
            Optional<ContainerUser> user,
            boolean restored,
            ContainerState state) {
        return new Container(
                id,
                name,
                sandbox,
                requestHash,
                request,
                outline,
                imageId,
                imageRef,
                stopSignal,
                logPath,
                createdAt,
                user,
                restored,
                state);
    }

    /** This container with its request in the store, where {@code kept} lies. */
    Container with(KeptMessage<ContainerConfig> kept) {
        return new Container(
                id,
                name,
                sandbox,
                requestHash,
                kept,
                outline,
                imageId,
                imageRef,
                stopSignal,
                logPath,
                createdAt,
                user,
                restored,
                state);
    }

    /** Whether lists show it; also on its way out, so that a removal that failed is retried. */
    public boolean listed() {
        return !(state instanceof ContainerState.Creating);
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
            String sandbox,
            String requestHash,
            KeptMessage.Mark request,
            String brief,
            String listed,
            String imageId,
            String imageRef,
            String stopSignal,
            String logPath,
            Instant createdAt,
            Optional<ContainerUser> user,
            boolean restored,
            ContainerState state) {}

    Stored stored() {
        return new Stored(
                id.value(),
                name.value(),
                sandbox.value(),
                requestHash,
                request.mark(),
                Base64.getEncoder().encodeToString(outline.brief().toByteArray()),
                Base64.getEncoder().encodeToString(outline.listed().stored().toByteArray()),
                imageId,
                imageRef,
                stopSignal,
                logPath,
                createdAt,
                user,
                restored,
                state);
    }

    static Container of(Stored stored, KeptMessages<ContainerConfig> requests) {
        return new Container(
                new ContainerId(stored.id()),
                new ContainerName(stored.name()),
                new SandboxId(stored.sandbox()),
                stored.requestHash(),
                requests.in(stored.id(), stored.request()),
                ContainerOutline.of(
                        "container " + stored.id(),
                        ByteString.copyFrom(Base64.getDecoder().decode(stored.brief())),
                        ByteString.copyFrom(Base64.getDecoder().decode(stored.listed()))),
                stored.imageId(),
                stored.imageRef(),
                stored.stopSignal(),
                stored.logPath(),
                stored.createdAt(),
                stored.user(),
                stored.restored(),
                stored.state());
    }
}
