package io.berth.e2e.pod;

import io.berth.cri.v1.ContainerEventResponse;
import io.berth.cri.v1.GetEventsRequest;
import io.berth.cri.v1.RuntimeServiceGrpc;
import io.berth.e2e.cri.CriClient;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * All that one daemon tells of events. As the daemon's only reader it also gets those that were
 * held for it, so that nothing is missed that happened before it was connected.
 */
public final class EventLog implements StreamObserver<ContainerEventResponse> {
    private final List<ContainerEventResponse> events = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    private EventLog() {}

    /** Begins to read; for one daemon once. */
    public static EventLog of(CriClient client) {
        var log = new EventLog();
        RuntimeServiceGrpc.newStub(client.channel())
                .getContainerEvents(GetEventsRequest.getDefaultInstance(), log);
        return log;
    }

    /** The first events of one pod, as many as are wanted. */
    public List<ContainerEventResponse> ofPod(String sandbox, int count) throws IOException {
        Waiting.until(
                count + " events of pod " + sandbox,
                Kubelet.SOON,
                () -> ofPod(sandbox).size() >= count,
                () -> ofPod(sandbox).toString());
        return ofPod(sandbox).subList(0, count);
    }

    private List<ContainerEventResponse> ofPod(String sandbox) {
        return events.stream()
                .filter(e -> e.getPodSandboxStatus().getId().equals(sandbox))
                .toList();
    }

    /** How the stream ended; waits for it. */
    public Status end() throws IOException {
        try {
            return end.get(Kubelet.SOON.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException none) {
            throw new IOException("the stream of events has not ended", none);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a stream of events ended", stopped);
        }
    }

    @Override
    public void onNext(ContainerEventResponse event) {
        events.add(event);
    }

    @Override
    public void onError(Throwable failure) {
        end.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK);
    }
}
