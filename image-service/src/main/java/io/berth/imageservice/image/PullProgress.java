package io.berth.imageservice.image;

import io.berth.storage.content.Digest;

/**
 * Hears how a pull or load goes on. Called from several threads, often; must return at once and
 * must not throw.
 */
@FunctionalInterface
public interface PullProgress {

    /** Where a layer stands. */
    enum Stage {
        WAITING,
        DOWNLOADING,
        UNPACKING,
        DONE
    }

    /** Hears nothing. */
    PullProgress NONE = (_, _, _, _) -> {};

    /**
     * A layer has come so far.
     *
     * @param layer digest of its compressed bytes
     * @param doneBytes compressed bytes that are here
     * @param totalBytes compressed bytes in all
     */
    void layer(Digest layer, Stage stage, long doneBytes, long totalBytes);
}
