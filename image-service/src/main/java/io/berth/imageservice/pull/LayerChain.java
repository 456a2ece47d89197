package io.berth.imageservice.pull;

import io.berth.storage.layer.LayerApplied;
import io.berth.storage.snapshot.LayerDraft;
import io.berth.storage.snapshot.Snapshotter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Commits layers in their order although they are applied in any: whoever brings the lowest that is
 * missing commits it and all that wait above. Closing discards what has not been committed.
 */
final class LayerChain implements AutoCloseable {

    private final Snapshotter snapshotter;
    private final ReentrantLock committing = new ReentrantLock();
    private final Map<Integer, @Nullable Applied> waiting = new HashMap<>();
    private int next;

    private record Applied(LayerJob job, LayerDraft draft, LayerApplied outcome) {}

    LayerChain(Snapshotter snapshotter) {
        this.snapshotter = snapshotter;
    }

    /** A layer whose snapshot is there already. */
    void present(LayerJob job) {
        bring(job.index(), null);
    }

    /** A layer that has been applied and verified; from here on the draft is this chain's. */
    void applied(LayerJob job, LayerDraft draft, LayerApplied outcome) {
        bring(job.index(), new Applied(job, draft, outcome));
    }

    private void bring(int index, @Nullable Applied applied) {
        committing.lock();
        try {
            waiting.put(index, applied);
            while (waiting.containsKey(next)) {
                Applied lowest = waiting.get(next);
                if (lowest != null) {
                    snapshotter.commitDraft(lowest.draft(), lowest.job().chain(), lowest.outcome());
                }
                waiting.remove(next);
                next++;
            }
        } finally {
            committing.unlock();
        }
    }

    /** Discards drafts that wait for a layer that did not come. */
    @Override
    public void close() {
        committing.lock();
        try {
            for (Applied left : waiting.values()) {
                if (left != null) {
                    snapshotter.discard(left.draft());
                }
            }
            waiting.clear();
        } finally {
            committing.unlock();
        }
    }
}
