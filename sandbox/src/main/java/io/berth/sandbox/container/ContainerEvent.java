package io.berth.sandbox.container;

import java.time.Instant;

/** What can happen to a container. */
public sealed interface ContainerEvent {
    /** Its snapshot and bundle stand, and it is known as whom it will run. */
    record Prepared(Instant at, ContainerUser user) implements ContainerEvent {}

    /** Its process runs. */
    record Started(Instant at, int pid) implements ContainerEvent {}

    /** Its process could not be started. */
    record StartFailed(Instant at, String message) implements ContainerEvent {}

    /** It was sent its stop signal, which it is not sent again. */
    record StopSignalled(Instant at) implements ContainerEvent {}

    /** Its process ended. */
    record TaskExit(Instant at, int code, boolean oomKilled) implements ContainerEvent {}

    /** Nobody can say how its process ended. */
    record TaskLost(Instant at, String cause) implements ContainerEvent {}

    /** The kubelet wants it forgotten. */
    record RemoveAsked(Instant at) implements ContainerEvent {}
}
