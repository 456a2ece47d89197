package io.berth.sandbox.event;

import static io.berth.cri.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static io.berth.cri.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static io.berth.cri.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static io.berth.cri.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;

import io.berth.cri.v1.ContainerEventType;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import java.util.List;
import java.util.Optional;

/**
 * Which events a change of a record is. A sandbox has those of its pause process, as containerd
 * tells them: created and started when it is ready, stopped when its process is gone, which with a
 * stop is after its containers are.
 */
final class Transitions {
    private Transitions() {}

    static List<ContainerEventType> ofContainer(
            Optional<Container> before, Optional<Container> after) {
        if (after.isEmpty()) {
            return List.of(CONTAINER_DELETED_EVENT);
        }
        return switch (after.get().state()) {
            case ContainerState.Creating _, ContainerState.Removing _ -> List.of();
            case ContainerState.Created _ ->
                    entered(before, ContainerState.Created.class, CONTAINER_CREATED_EVENT);
            case ContainerState.Running _ ->
                    entered(before, ContainerState.Running.class, CONTAINER_STARTED_EVENT);
            case ContainerState.Exited _ ->
                    entered(before, ContainerState.Exited.class, CONTAINER_STOPPED_EVENT);
        };
    }

    private static List<ContainerEventType> entered(
            Optional<Container> before,
            Class<? extends ContainerState> state,
            ContainerEventType type) {
        var was = before.map(Container::state).filter(state::isInstance);
        return was.isPresent() ? List.of() : List.of(type);
    }

    static List<ContainerEventType> ofSandbox(
            Optional<PodSandbox> before, Optional<PodSandbox> after) {
        if (after.isEmpty()) {
            return List.of(CONTAINER_DELETED_EVENT);
        }
        boolean wasUp = before.map(PodSandbox::state).filter(Transitions::up).isPresent();
        boolean isUp = up(after.get().state());
        if (isUp && !wasUp) {
            return List.of(CONTAINER_CREATED_EVENT, CONTAINER_STARTED_EVENT);
        }
        return wasUp && !isUp ? List.of(CONTAINER_STOPPED_EVENT) : List.of();
    }

    /** Whether its pause process runs, for all that is known. */
    private static boolean up(SandboxState state) {
        return switch (state) {
            case SandboxState.Ready _ -> true;
            case SandboxState.NotReady notReady -> notReady.stopping();
            case SandboxState.Creating _, SandboxState.Stopped _, SandboxState.Removing _ -> false;
        };
    }
}
