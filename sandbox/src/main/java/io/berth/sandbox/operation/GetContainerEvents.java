package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerEventResponse;
import io.berth.imageservice.image.Images;
import io.berth.sandbox.event.EventReader;
import io.berth.sandbox.event.PodEvent;
import io.berth.sandbox.event.PodEvents;

/** Tells a caller what happens from now on, each event with the complete status of its pod. */
public final class GetContainerEvents {
    private final PodEvents events;
    private final Images images;

    public GetContainerEvents(PodEvents events, Images images) {
        this.events = events;
        this.images = images;
    }

    /** A reader for one caller, who closes it. */
    public EventReader read() {
        return events.read();
    }

    /** An event as the CRI tells it. */
    public ContainerEventResponse response(PodEvent event) {
        var response =
                ContainerEventResponse.newBuilder()
                        .setContainerId(event.subject())
                        .setContainerEventType(event.type())
                        .setCreatedAt(event.atNanos())
                        .setPodSandboxStatus(PodSandboxStatus.status(event.sandbox()));
        event.containers()
                .forEach(
                        container ->
                                response.addContainersStatuses(
                                        ContainerStatus.status(images, container)));
        return response.build();
    }
}
