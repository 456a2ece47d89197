package io.berth.imageservice.pull;

import io.berth.imageservice.image.BuiltinImage;
import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.image.ImageRecords;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.image.ImageSource;
import io.berth.imageservice.image.PullProgress;
import io.berth.imageservice.image.PullRequest;
import io.berth.imageservice.registry.Registries;
import io.berth.storage.Storage;
import io.berth.storage.lease.Lease;
import io.berth.storage.snapshot.SnapshotName;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The pulls that run now. Each runs on its own virtual thread and belongs to nobody: whoever asks
 * for the same reference, platform and credentials while it runs waits for the same one.
 */
public final class Pulls implements ImageSource {

    private static final Duration PARTIAL_BLOBS_KEPT = Duration.ofDays(1);

    /** How long an ending pull is waited for: one may stand in a request that is not answered. */
    private static final Duration END = Duration.ofSeconds(5);

    private final Registries registries;
    private final Workshop workshop;
    private final Cancellation cancellation = new Cancellation();
    private final Map<PullRequest, Running> running = new HashMap<>();

    /** Who waits here for the same image finds it unpacked. */
    private final KeyedLocks<SnapshotName> unpacking = new KeyedLocks<>();

    /** Pulls from {@code registries} into {@code storage}, naming what is complete. */
    public Pulls(
            Storage storage, ImageRecords records, Registries registries, PullSettings settings) {
        this.registries = registries;
        this.workshop = new Workshop(storage, records, settings);
    }

    /** One pull and all who listen to it. */
    private static final class Running {
        private final CompletableFuture<Image> image = new CompletableFuture<>();
        private final List<PullProgress> listeners = new CopyOnWriteArrayList<>();
        private final Cancellation cancellation = new Cancellation();
    }

    /**
     * Releases what pulls and loads of before a crash held, and deletes partial blobs that nobody
     * has resumed for a day; at start, before the first pull.
     */
    public Pulls sweep(Clock clock) {
        workshop.sweepPartial(clock.instant().minus(PARTIAL_BLOBS_KEPT));
        for (Lease left : workshop.leases().all()) {
            if (Hold.isOurs(left.id())) {
                workshop.leases().release(left.id());
            }
        }
        return this;
    }

    @Override
    public Image pull(PullRequest request, PullProgress progress) {
        String name = ImageRef.parse(request.reference()).requirePort().canonical();
        var key = new PullRequest(name, request.auth(), request.platform(), request.snapshotter());
        Running pull;
        boolean first = false;
        synchronized (running) {
            cancellation.check("image " + name);
            Running known = running.get(key);
            pull = known == null ? new Running() : known;
            first = known == null;
            pull.listeners.add(progress);
            running.put(key, pull);
        }
        if (first) {
            Thread.ofVirtual().name("pull-" + name).start(() -> run(key, pull));
        }
        try {
            return await(name, pull);
        } finally {
            pull.listeners.remove(progress);
        }
    }

    private void run(PullRequest request, Running pull) {
        try {
            PullProgress all =
                    (layer, stage, done, total) ->
                            pull.listeners.forEach(
                                    listener -> listener.layer(layer, stage, done, total));
            Image image = new Pull(workshop, registries, request, pull.cancellation, all).run();
            ended(request);
            pull.image.complete(image);
        } catch (Throwable failed) {
            ended(request);
            pull.image.completeExceptionally(failed);
        }
    }

    private void ended(PullRequest request) {
        synchronized (running) {
            running.remove(request);
        }
    }

    private static Image await(String name, Running pull) {
        try {
            return pull.image.get();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new ImageException.Interrupted(
                    "image " + name + ": nobody waits for its pull any more, which goes on",
                    stopped);
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case RuntimeException known -> throw known;
                case Error error -> throw error;
                case null, default ->
                        throw new IllegalStateException("image " + name + ": pull failed", failed);
            }
        }
    }

    @Override
    public List<Image> load(InputStream archive, PullProgress progress) {
        cancellation.check("archive");
        return new ArchiveLoad(workshop, cancellation, progress).load(archive);
    }

    @Override
    public Image importBuiltin(BuiltinImage builtin) {
        return new ImportBuiltin(workshop, cancellation).run(builtin);
    }

    @Override
    public boolean unpack(Image image, Optional<String> snapshotter) {
        var to = workshop.snapshotter(snapshotter);
        if (to.stat(image.chainId().value()).isPresent()) {
            return false;
        }
        try (var _ = unpacking.lock(image.chainId())) {
            if (to.stat(image.chainId().value()).isPresent()) {
                return false;
            }
            cancellation.check("image " + image.id());
            new UnpackAgain(workshop, to, cancellation).run(image);
            return true;
        }
    }

    /** Ends every pull; the bytes that came stay for the next. */
    @Override
    public void close() {
        List<Running> all;
        synchronized (running) {
            cancellation.cancel();
            all = List.copyOf(running.values());
        }
        all.forEach(pull -> pull.cancellation.cancel());
        CompletableFuture<?>[] ends =
                all.stream()
                        .map(pull -> pull.image.handle((image, failure) -> true))
                        .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(ends)
                .completeOnTimeout(null, END.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
