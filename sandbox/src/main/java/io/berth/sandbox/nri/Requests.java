package io.berth.sandbox.nri;

import io.berth.nri.v1.ContainerEviction;
import io.berth.nri.v1.ContainerUpdate;
import io.berth.nri.v1.UpdateContainersRequest;
import io.berth.nri.v1.UpdateContainersResponse;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What plugins ask of containers that exist, in answer to a hook or unasked. Each is tried once;
 * that one cannot be done fails nothing but itself.
 */
final class Requests {
    private final UpdateQueue queue = new UpdateQueue();
    private final Duration patience;
    private volatile @Nullable ContainerChanges changes;

    /**
     * @param patience how long somebody waits for a change to be made
     */
    Requests(Duration patience) {
        this.patience = patience;
    }

    void serve(ContainerChanges ours) {
        changes = ours;
    }

    /** Takes changes in their order; each of what is returned waits for one of them. */
    List<Runnable> take(List<ContainerEviction> evictions, List<ContainerUpdate> updates) {
        var waits = new ArrayList<Runnable>();
        for (var eviction : evictions) {
            var change = evict(eviction);
            var what = "eviction of container " + eviction.getContainerId();
            waits.add(() -> UpdateQueue.await(change, what, patience));
        }
        for (var update : updates) {
            var change = update(update);
            var what = "update of container " + update.getContainerId();
            waits.add(() -> UpdateQueue.await(change, what, patience));
        }
        return waits;
    }

    /** What a plugin asks for unasked; the answer has those updates that were not made. */
    UpdateContainersResponse unasked(UpdateContainersRequest request) {
        var answer = UpdateContainersResponse.newBuilder();
        for (var eviction : request.getEvictList()) {
            var what = "eviction of container " + eviction.getContainerId();
            if (!UpdateQueue.await(evict(eviction), what, patience)) {
                throw new SandboxException.Failed(what + ": not done within " + patience);
            }
        }
        for (var update : request.getUpdateList()) {
            var what = "update of container " + update.getContainerId();
            if (!UpdateQueue.await(update(update), what, patience) && !update.getIgnoreFailure()) {
                answer.addFailed(update);
            }
        }
        return answer.build();
    }

    private CompletableFuture<Void> update(ContainerUpdate update) {
        var id = update.getContainerId();
        var wanted = CriResources.of(update.getLinux().getResources(), 0);
        return queue.add(id, () -> ours().update(id, wanted));
    }

    private CompletableFuture<Void> evict(ContainerEviction eviction) {
        var id = eviction.getContainerId();
        return queue.add(id, () -> ours().evict(id, eviction.getReason()));
    }

    private ContainerChanges ours() throws IOException {
        var known = changes;
        if (known == null) {
            throw new IOException("nri: the node has not started yet");
        }
        return known;
    }
}
