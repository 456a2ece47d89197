package io.berth.daemon.cri;

import static io.berth.daemon.cri.Answering.answer;

import io.berth.cri.v1.ContainerEventResponse;
import io.berth.cri.v1.ContainerStatsRequest;
import io.berth.cri.v1.ContainerStatsResponse;
import io.berth.cri.v1.GetEventsRequest;
import io.berth.cri.v1.ListContainerStatsRequest;
import io.berth.cri.v1.ListContainerStatsResponse;
import io.berth.cri.v1.ListMetricDescriptorsRequest;
import io.berth.cri.v1.ListMetricDescriptorsResponse;
import io.berth.cri.v1.ListPodSandboxMetricsRequest;
import io.berth.cri.v1.ListPodSandboxMetricsResponse;
import io.berth.cri.v1.ListPodSandboxStatsRequest;
import io.berth.cri.v1.ListPodSandboxStatsResponse;
import io.berth.cri.v1.PodSandboxStatsRequest;
import io.berth.cri.v1.PodSandboxStatsResponse;
import io.berth.cri.v1.RuntimeServiceGrpc;
import io.berth.cri.v1.StreamContainerStatsRequest;
import io.berth.cri.v1.StreamContainerStatsResponse;
import io.berth.cri.v1.StreamContainersRequest;
import io.berth.cri.v1.StreamContainersResponse;
import io.berth.cri.v1.StreamPodSandboxMetricsRequest;
import io.berth.cri.v1.StreamPodSandboxMetricsResponse;
import io.berth.cri.v1.StreamPodSandboxStatsRequest;
import io.berth.cri.v1.StreamPodSandboxStatsResponse;
import io.berth.cri.v1.StreamPodSandboxesRequest;
import io.berth.cri.v1.StreamPodSandboxesResponse;
import io.berth.sandbox.operation.GetContainerEvents;
import io.berth.sandbox.operation.Measurements;
import io.berth.sandbox.operation.Sandboxes;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.sandbox.wire.Entries;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/**
 * The part of the RuntimeService that watches: figures, lists in portions, and events. It is a
 * class of its own for its size alone.
 */
abstract class ObservingEndpoint extends RuntimeServiceGrpc.RuntimeServiceImplBase {
    /** How long a reader of events may leave one unread. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Sandboxes sandboxes;
    private final GetContainerEvents events;
    private final Measurements measurements;

    ObservingEndpoint(Sandboxes sandboxes, GetContainerEvents events, Measurements measurements) {
        this.sandboxes = sandboxes;
        this.events = events;
        this.measurements = measurements;
    }

    @Override
    public void containerStats(
            ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> to) {
        answer(
                "ContainerStats",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return measurements.containerStats(request.getContainerId());
                });
    }

    @Override
    public void listContainerStats(
            ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> to) {
        answer(
                "ListContainerStats",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return measurements.listContainerStats(request.getFilter());
                });
    }

    @Override
    public void streamContainerStats(
            StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> to) {
        StreamedList.send(
                "StreamContainerStats",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return measurements.streamContainerStats(request.getFilter());
                },
                portion ->
                        StreamContainerStatsResponse.newBuilder()
                                .addAllContainerStats(portion)
                                .build());
    }

    @Override
    public void listMetricDescriptors(
            ListMetricDescriptorsRequest request,
            StreamObserver<ListMetricDescriptorsResponse> to) {
        answer("ListMetricDescriptors", to, measurements::listMetricDescriptors);
    }

    @Override
    public void listPodSandboxMetrics(
            ListPodSandboxMetricsRequest request,
            StreamObserver<ListPodSandboxMetricsResponse> to) {
        answer("ListPodSandboxMetrics", to, measurements::listPodSandboxMetrics);
    }

    @Override
    public void streamPodSandboxMetrics(
            StreamPodSandboxMetricsRequest request,
            StreamObserver<StreamPodSandboxMetricsResponse> to) {
        StreamedList.send(
                "StreamPodSandboxMetrics",
                to,
                measurements::streamPodSandboxMetrics,
                portion ->
                        StreamPodSandboxMetricsResponse.newBuilder()
                                .addAllPodSandboxMetrics(portion)
                                .build());
    }

    @Override
    public void podSandboxStats(
            PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> to) {
        answer(
                "PodSandboxStats",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return measurements.podSandboxStats(request.getPodSandboxId());
                });
    }

    @Override
    public void listPodSandboxStats(
            ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> to) {
        answer(
                "ListPodSandboxStats",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return measurements.listPodSandboxStats(request.getFilter());
                });
    }

    @Override
    public void streamPodSandboxStats(
            StreamPodSandboxStatsRequest request,
            StreamObserver<StreamPodSandboxStatsResponse> to) {
        StreamedList.send(
                "StreamPodSandboxStats",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return measurements.streamPodSandboxStats(request.getFilter());
                },
                portion ->
                        StreamPodSandboxStatsResponse.newBuilder()
                                .addAllPodSandboxStats(portion)
                                .build());
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
        StreamedList.sendBytes(
                "StreamPodSandboxes",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return sandboxes.streamPodSandboxes(request.getFilter());
                },
                portion ->
                        StreamPodSandboxesResponse.newBuilder()
                                .setUnknownFields(
                                        Entries.of(
                                                StreamPodSandboxesResponse
                                                        .POD_SANDBOXES_FIELD_NUMBER,
                                                portion))
                                .build());
    }

    @Override
    public void streamContainers(
            StreamContainersRequest request, StreamObserver<StreamContainersResponse> to) {
        StreamedList.sendBytes(
                "StreamContainers",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return sandboxes.streamContainers(request.getFilter());
                },
                portion ->
                        StreamContainersResponse.newBuilder()
                                .setUnknownFields(
                                        Entries.of(
                                                StreamContainersResponse.CONTAINERS_FIELD_NUMBER,
                                                portion))
                                .build());
    }
}
