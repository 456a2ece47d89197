package io.berth.imageservice.pull;

import io.berth.imageservice.image.PullProgress;
import io.berth.imageservice.image.PullProgress.Stage;
import io.berth.imageservice.registry.RegistrySession;
import io.berth.storage.content.ContentException;
import io.berth.storage.layer.WhiteoutStyle;
import io.berth.storage.snapshot.SnapshotName;
import io.berth.storage.snapshot.Snapshotter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Brings the layers of one image to committed snapshots: downloads in parallel, unpacks each while
 * it comes when nothing stands in the way, and commits them in order.
 */
final class LayerFetch {

    private final Workshop workshop;
    private final Snapshotter snapshotter;
    private final LayerUnpack unpack;
    private final String image;
    private final List<RegistrySession> sessions;
    private final Cancellation cancellation;
    private final PullProgress progress;

    /**
     * Layers of {@code image}.
     *
     * @param snapshotter who gets them
     * @param sessions where blobs that are not here are fetched; empty for none
     */
    LayerFetch(
            Workshop workshop,
            Snapshotter snapshotter,
            String image,
            List<RegistrySession> sessions,
            Cancellation cancellation,
            PullProgress progress) {
        this.workshop = workshop;
        this.snapshotter = snapshotter;
        this.unpack = workshop.unpackTo(snapshotter);
        this.image = image;
        this.sessions = sessions;
        this.cancellation = cancellation;
        this.progress = progress;
    }

    /** Returns when every layer is committed. After a failure drafts are gone, blobs stay. */
    void run(List<LayerJob> jobs) {
        jobs.forEach(job -> report(job, Stage.WAITING, 0));
        boolean independent = snapshotter.whiteoutStyle() == WhiteoutStyle.OVERLAY;
        try (var chain = new LayerChain(snapshotter)) {
            List<Fork.Task<Boolean>> tasks = new ArrayList<>();
            for (LayerJob job : jobs) {
                tasks.add(
                        new Fork.Task<>(
                                "pull-layer-" + job.index(),
                                () -> {
                                    fetch(job, independent, chain);
                                    return true;
                                }));
            }
            Fork.all(tasks, cancellation);
            if (!independent) {
                for (LayerJob job : jobs) {
                    if (!isCommitted(job.chain())) {
                        unpackBlob(job, chain);
                    } else {
                        chain.present(job);
                    }
                    report(job, Stage.DONE, job.blob().sizeBytes());
                }
            }
        } catch (RuntimeException failed) {
            throw Failures.of(image, failed);
        }
    }

    private boolean isCommitted(SnapshotName name) {
        return snapshotter.stat(name.value()).isPresent();
    }

    private void fetch(LayerJob job, boolean unpackToo, LayerChain chain) {
        if (isCommitted(job.chain())) {
            if (unpackToo) {
                chain.present(job);
                report(job, Stage.DONE, job.blob().sizeBytes());
            }
            return;
        }
        boolean unpacked = false;
        try (var _ = workshop.blob(job.blob().digest())) {
            if (workshop.content().find(job.blob().digest()).isEmpty()) {
                try (var _ = workshop.download()) {
                    cancellation.check(image);
                    unpacked = download(job, unpackToo, chain);
                }
            }
        }
        if (unpackToo) {
            if (!unpacked) {
                unpackBlob(job, chain);
            }
            report(job, Stage.DONE, job.blob().sizeBytes());
        }
    }

    /** Downloads a layer, and unpacks it meanwhile if that can be; says whether it did. */
    private boolean download(LayerJob job, boolean unpackToo, LayerChain chain) {
        var download =
                new LayerDownload(workshop.content(), job.blob(), image, cancellation, progress);
        boolean fresh = LayerDownload.isFresh(workshop.content(), job.blob());
        var place = unpackToo && fresh ? workshop.unpackingNow() : Optional.<Workshop.Place>empty();
        if (place.isEmpty()) {
            download.run(sessions, null);
            return false;
        }
        try (var _ = place.get();
                var pipe = new LayerPipe()) {
            var unpacking = new FutureTask<>(() -> unpack(job, pipe));
            Thread.ofVirtual().name("pull-unpack-" + job.index()).start(unpacking);
            try {
                download.run(sessions, pipe);
            } catch (RuntimeException failed) {
                discard(unpacking);
                throw failed;
            }
            if (!download.pipeIsVerified()) {
                discard(unpacking);
                return false;
            }
            LayerUnpack.Unpacked done = result(unpacking);
            chain.applied(job, done.draft(), done.outcome());
            return true;
        }
    }

    private LayerUnpack.Unpacked unpack(LayerJob job, LayerPipe pipe) {
        try (pipe) {
            return unpack.unpack(image, job, pipe);
        }
    }

    private LayerUnpack.Unpacked result(FutureTask<LayerUnpack.Unpacked> unpacking) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return unpacking.get();
                } catch (InterruptedException later) {
                    interrupted = true;
                    cancellation.cancel();
                } catch (ExecutionException failed) {
                    throw Failures.of(image, Objects.requireNonNull(failed.getCause()));
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for an unpacking whose bytes are not to be used, and forgets what it made. */
    private void discard(FutureTask<LayerUnpack.Unpacked> unpacking) {
        try {
            unpack.discard(result(unpacking));
        } catch (RuntimeException expected) {
            System.getLogger(LayerFetch.class.getName())
                    .log(System.Logger.Level.DEBUG, "unpacking given up", expected);
        }
    }

    private void unpackBlob(LayerJob job, LayerChain chain) {
        cancellation.check(image);
        report(job, Stage.UNPACKING, job.blob().sizeBytes());
        try (var _ = workshop.unpacking();
                InputStream blob =
                        Channels.newInputStream(workshop.content().open(job.blob().digest()))) {
            cancellation.register(blob);
            LayerUnpack.Unpacked done = unpack.unpack(image, job, blob);
            cancellation.forget(blob);
            chain.applied(job, done.draft(), done.outcome());
        } catch (IOException | ContentException failed) {
            throw Failures.of(image, failed);
        }
    }

    private void report(LayerJob job, Stage stage, long doneBytes) {
        progress.layer(job.blob().digest(), stage, doneBytes, job.blob().sizeBytes());
    }
}
