package io.berth.sandbox.event;

import io.berth.cri.v1.ContainerEventType;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import java.util.List;

/**
 * A thing that happened, with the whole pod as it was right after. A container that is deleted is
 * no longer among the pod's containers; a sandbox that is deleted is shown as it was before.
 *
 * @param subject id of the container, or of the sandbox when it happened to that
 * @param atNanos since 1970; of two events the later one has the larger number, always
 * @param containers all that lists show of the pod, the oldest first
 */
public record PodEvent(
        ContainerEventType type,
        String subject,
        long atNanos,
        PodSandbox sandbox,
        List<Container> containers) {

    public PodEvent {
        containers = List.copyOf(containers);
    }
}
