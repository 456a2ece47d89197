package io.berth.storage.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one platform thread that writes to the store. What waits while a sync is under way is written
 * together with the next one: parallel callers share its cost, and a lone caller waits for nobody.
 */
final class StoreThread {
    private static final int QUEUE_LIMIT = 4096;
    private static final int GROUP_LIMIT = 1024;

    /** A group that holds so much takes no more: RocksDB's form of it is a copy. */
    private static final long GROUP_BYTES = 4 << 20;

    private static final long FULL_POLL_SECONDS = 5;

    private final Store store;
    private final BlockingQueue<Work> queue = new LinkedBlockingDeque<>(QUEUE_LIMIT);
    private final Thread thread;
    private final AtomicBoolean closing = new AtomicBoolean();

    private volatile long syncs;

    private sealed interface Work {
        CompletableFuture<?> done();
    }

    private record Commit(Batch batch, CompletableFuture<Boolean> done) implements Work {}

    private record Task(Runnable body, CompletableFuture<?> done) implements Work {}

    private record Stop(CompletableFuture<?> done) implements Work {}

    StoreThread(Store store) {
        this.store = store;
        this.thread = Thread.ofPlatform().name("store").daemon().unstarted(this::work);
    }

    void start() {
        thread.start();
    }

    /** Returns when the batch is durable. An interrupt does not end the wait. */
    void commit(Batch batch) {
        var done = new CompletableFuture<Boolean>();
        await(new Commit(batch, done), done);
    }

    /** Runs {@code body} on the store thread, after all commits that were handed in before. */
    <R> R call(Supplier<R> body) {
        var done = new CompletableFuture<R>();
        return await(
                new Task(
                        () -> {
                            try {
                                done.complete(body.get());
                            } catch (RuntimeException | Error failed) {
                                done.completeExceptionally(failed);
                            }
                        },
                        done),
                done);
    }

    /** Waits for what was handed in, then ends the thread; false when it was closed before. */
    boolean close() {
        if (closing.getAndSet(true)) {
            return false;
        }
        var stopped = new CompletableFuture<Boolean>();
        put(new Stop(stopped));
        stopped.join();
        return true;
    }

    private <R> R await(Work work, CompletableFuture<R> done) {
        if (closing.get()) {
            throw new MetadataException.Closed(store.directory());
        }
        put(work);
        if (closing.get() && queue.remove(work)) {
            throw new MetadataException.Closed(store.directory());
        }
        try {
            return done.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof MetadataException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    private void put(Work work) {
        boolean interrupted = false;
        while (true) {
            try {
                queue.put(work);
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many groups were written. */
    long syncs() {
        return syncs;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the store thread alone writes
    private void countSync() {
        syncs++;
    }

    private void work() {
        Work next = null;
        while (true) {
            var work = next != null ? next : take();
            next = null;
            switch (work) {
                case null -> store.rebuildReserve();
                case Stop(var done) -> {
                    refuseRest();
                    done.complete(null);
                    return;
                }
                case Task(var body, _) -> body.run();
                case Commit first -> next = commitGroup(first);
            }
        }
    }

    private @Nullable Work take() {
        try {
            return store.space() == SpaceState.FULL
                    ? queue.poll(FULL_POLL_SECONDS, TimeUnit.SECONDS)
                    : queue.take();
        } catch (InterruptedException nobodyElses) {
            throw new IllegalStateException("store thread: interrupted", nobodyElses);
        }
    }

    /** Commits all that wait, up to a limit; returns what came up that is no commit. */
    private @Nullable Work commitGroup(Commit first) {
        var group = new ArrayList<Commit>();
        group.add(first);
        Work other = null;
        long bytes = first.batch().bytes();
        while (other == null && group.size() < GROUP_LIMIT && bytes < GROUP_BYTES) {
            var work = queue.poll();
            if (work == null) {
                break;
            }
            if (work instanceof Commit commit) {
                group.add(commit);
                bytes += commit.batch().bytes();
            } else {
                other = work;
            }
        }
        write(group);
        return other;
    }

    private void write(List<Commit> group) {
        if (store.space() == SpaceState.FULL) {
            store.rebuildReserve();
        }
        var accepted = new ArrayList<Commit>(group.size());
        for (var commit : group) {
            if (commit.batch().growing() && store.space() == SpaceState.FULL) {
                commit.done()
                        .completeExceptionally(new MetadataException.NoSpace(store.directory()));
            } else {
                accepted.add(commit);
            }
        }
        try {
            countSync();
            store.write(accepted.stream().map(Commit::batch).toList());
            accepted.forEach(commit -> commit.batch().publish());
            accepted.forEach(commit -> commit.done().complete(true));
        } catch (RuntimeException | Error failed) {
            accepted.forEach(commit -> commit.done().completeExceptionally(failed));
        }
    }

    private void refuseRest() {
        for (var work = queue.poll(); work != null; work = queue.poll()) {
            work.done().completeExceptionally(new MetadataException.Closed(store.directory()));
        }
    }
}
