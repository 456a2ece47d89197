package io.berth.sandbox.container;

import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.sandbox.SandboxId;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * One container as it was at one moment.
 *
 * @param requestHash hash of the request that made it, by which a retry is known
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
        ContainerConfig config,
        String imageId,
        String imageRef,
        String stopSignal,
        String logPath,
        Instant createdAt,
        Optional<ContainerUser> user,
        boolean restored,
        ContainerState state) {

    /** This container after an event. */
    public Container after(ContainerEvent event) {
        var known =
                event instanceof ContainerEvent.Prepared prepared
                        ? Optional.of(prepared.user())
                        : user;
        return changed(config, known, restored, ContainerState.next(state, event));
    }

    /** This container as one that goes on from a checkpoint. */
    public Container goesOn() {
        return changed(config, user, true, state);
    }

    /** This container with other limits. */
    public Container withResources(LinuxContainerResources resources) {
        var limited = config.toBuilder();
        limited.getLinuxBuilder().setResources(resources);
        return changed(limited.build(), user, restored, state);
    }

    /** This container with what can change in its life; the rest is as it was made. */
    private Container changed(
            ContainerConfig config,
            Optional<ContainerUser> user,
            boolean restored,
            ContainerState state) {
        return new Container(
                id,
                name,
                sandbox,
                requestHash,
                config,
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

    /** The form that is stored: the config as the bytes of its message, in base 64. */
    record Stored(
            String id,
            String name,
            String sandbox,
            String requestHash,
            String config,
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
                Base64.getEncoder().encodeToString(config.toByteArray()),
                imageId,
                imageRef,
                stopSignal,
                logPath,
                createdAt,
                user,
                restored,
                state);
    }

    static Container of(Stored stored) {
        try {
            return new Container(
                    new ContainerId(stored.id()),
                    new ContainerName(stored.name()),
                    new SandboxId(stored.sandbox()),
                    stored.requestHash(),
                    ContainerConfig.parseFrom(Base64.getDecoder().decode(stored.config())),
                    stored.imageId(),
                    stored.imageRef(),
                    stored.stopSignal(),
                    stored.logPath(),
                    stored.createdAt(),
                    stored.user(),
                    stored.restored(),
                    stored.state());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "container %s: its stored config does not parse: %s"
                            .formatted(stored.id(), e.getMessage()),
                    e);
        }
    }
}
