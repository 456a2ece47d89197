package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageException;
import io.berth.linux.Errno;
import io.berth.linux.LinuxException;
import io.berth.storage.content.ContentException;
import io.berth.storage.layer.HostileLayer;
import io.berth.storage.metadata.MetadataException;
import io.berth.storage.snapshot.SnapshotException;
import java.io.IOException;

/** Turns what the storage says into what it means for an image. */
final class Failures {

    private Failures() {}

    /**
     * The image's exception for a failure below it.
     *
     * @param subject begins the message
     */
    static ImageException of(String subject, Throwable failure) {
        String text = subject + ": " + failure.getMessage();
        return switch (failure) {
            case ImageException known -> known;
            case HostileLayer hostile -> new ImageException.HostileImage(text, hostile);
            case ContentException.DigestMismatch other ->
                    new ImageException.DigestMismatch(text, other);
            case ContentException.SizeMismatch other ->
                    new ImageException.DigestMismatch(text, other);
            case ContentException.NoSpace full -> new ImageException.NoSpace(text, full);
            case ContentException other -> new ImageException.StoreFailed(text, other);
            case MetadataException.NoSpace full -> new ImageException.NoSpace(text, full);
            case MetadataException other -> new ImageException.StoreFailed(text, other);
            case SnapshotException other when isFull(other) ->
                    new ImageException.NoSpace(text, other);
            case SnapshotException.ChainTooLong many ->
                    new ImageException.InvalidManifest(text, many);
            case SnapshotException other -> new ImageException.StoreFailed(text, other);
            case IOException full when isFull(full) -> new ImageException.NoSpace(text, full);
            case IOException other -> new ImageException.StoreFailed(text, other);
            case Error error -> throw error;
            case RuntimeException broken -> throw broken;
            case Throwable other -> throw new AssertionError(other);
        };
    }

    private static boolean isFull(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof LinuxException refused
                    && (refused.errno() == Errno.ENOSPC || refused.errno() == Errno.EDQUOT)) {
                return true;
            }
            if (at instanceof IOException
                    && String.valueOf(at.getMessage()).contains("No space left on device")) {
                return true;
            }
        }
        return false;
    }
}
