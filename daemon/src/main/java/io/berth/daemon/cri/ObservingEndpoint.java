package io.berth.daemon.cri;

import io.berth.cri.v1.ContainerEventResponse;
import io.berth.cri.v1.GetEventsRequest;
import io.berth.cri.v1.RuntimeServiceGrpc;
import io.berth.cri.v1.StreamContainersRequest;
import io.berth.cri.v1.StreamContainersResponse;
import io.berth.cri.v1.StreamPodSandboxesRequest;
import io.berth.cri.v1.StreamPodSandboxesResponse;
import io.berth.sandbox.operation.GetContainerEvents;
import io.berth.sandbox.operation.Sandboxes;
import io.berth.sandbox.spec.FieldPolicy;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/**
 * The part of the RuntimeService that changes nothing: lists in portions, and events. It is a class
 * of its own for its size alone.
 */
abstract class ObservingEndpoint extends RuntimeServiceGrpc.RuntimeServiceImplBase {
    /** How long a reader of events may leave one unread. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Sandboxes sandboxes;
    private final GetContainerEvents events;

    ObservingEndpoint(Sandboxes sandboxes, GetContainerEvents events) {
        this.sandboxes = sandboxes;
        this.events = events;
    }

    @Override
    public void getContainerEvents(
            GetEventsRequest request, StreamObserver<ContainerEventResponse> to) {
        // Here and not on the stream's thread: what happens after the call came is told.
        var reader = events.read();
        ServerStream.answer(
                "GetContainerEvents",
                to,
                PATIENCE,
                reader::close,
                stream -> {
                    try (reader) {
                        for (var event = reader.next(); event.isPresent(); event = reader.next()) {
                            stream.send(events.response(event.get()));
                        }
                    }
                });
    }

    @Override
    public void streamPodSandboxes(
            StreamPodSandboxesRequest request, StreamObserver<StreamPodSandboxesResponse> to) {
        StreamedList.send(
                "StreamPodSandboxes",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return sandboxes.streamPodSandboxes(request.getFilter());
                },
                portion ->
                        StreamPodSandboxesResponse.newBuilder()
                                .addAllPodSandboxes(portion)
                                .build());
    }

    @Override
    public void streamContainers(
            StreamContainersRequest request, StreamObserver<StreamContainersResponse> to) {
        StreamedList.send(
                "StreamContainers",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return sandboxes.streamContainers(request.getFilter());
                },
                portion -> StreamContainersResponse.newBuilder().addAllContainers(portion).build());
    }
}
