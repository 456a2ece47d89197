package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageException;
import io.berth.storage.content.Digest;
import io.berth.storage.layer.LayerApplied;
import io.berth.storage.layer.LayerApplier;
import io.berth.storage.layer.LayerLimits;
import io.berth.storage.layer.LayerStream;
import io.berth.storage.layer.LayerStreams;
import io.berth.storage.snapshot.LayerDraft;
import io.berth.storage.snapshot.Snapshotter;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** Unpacks one layer's bytes into a draft and verifies the digest of its tar. */
final class LayerUnpack {

    private static final AtomicLong DRAFTS = new AtomicLong();

    private final Snapshotter snapshotter;
    private final LayerApplier applier;
    private final LayerLimits limits;

    LayerUnpack(Snapshotter snapshotter, LayerApplier applier, LayerLimits limits) {
        this.snapshotter = snapshotter;
        this.applier = applier;
        this.limits = limits;
    }

    /** A draft that holds a layer, and what came of applying it. */
    record Unpacked(LayerDraft draft, LayerApplied outcome) {}

    /**
     * Applies {@code compressed} to its end. After a failure the draft is gone.
     *
     * @param image begins every message
     * @throws ImageException.DigestMismatch when the tar is not the one that the configuration
     *     names
     */
    Unpacked unpack(String image, LayerJob job, InputStream compressed) {
        String subject = image + ": layer " + job.blob().digest();
        LayerDraft draft = draft(subject, job);
        boolean kept = false;
        try (LayerStream tar = LayerStreams.open(compressed, job.blob().mediaType(), limits)) {
            LayerApplied outcome =
                    applier.apply(tar, draft.directory(), snapshotter.whiteoutStyle(), limits);
            Digest found = tar.diffId();
            if (!found.equals(job.diffId())) {
                throw new ImageException.DigestMismatch(
                        "%s: its tar has digest %s, the configuration names %s"
                                .formatted(subject, found, job.diffId()),
                        null);
            }
            kept = true;
            return new Unpacked(draft, outcome);
        } catch (IOException | RuntimeException failed) {
            throw Failures.of(subject, failed);
        } finally {
            if (!kept) {
                snapshotter.discard(draft);
            }
        }
    }

    void discard(Unpacked unpacked) {
        snapshotter.discard(unpacked.draft());
    }

    private LayerDraft draft(String subject, LayerJob job) {
        try {
            String id = "layer-" + DRAFTS.incrementAndGet() + "-" + job.diffId().hex();
            return snapshotter.draft(id, job.parent());
        } catch (RuntimeException failed) {
            throw Failures.of(subject, failed);
        }
    }
}
