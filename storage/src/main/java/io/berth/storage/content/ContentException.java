package io.berth.storage.content;

import java.nio.file.Path;
import java.util.OptionalLong;

/** Why bytes could not be stored or read; the message names the ref or the digest. */
public abstract sealed class ContentException extends RuntimeException {
    private ContentException(String message) {
        super(message);
    }

    private ContentException(String message, Throwable cause) {
        super(message, cause);
    }

    /** No blob has this digest. */
    public static final class NotFound extends ContentException {
        NotFound(Digest digest) {
            super("content %s: not found".formatted(digest));
        }
    }

    /** The bytes hash to something else; they are deleted. */
    public static final class DigestMismatch extends ContentException {
        private final Digest found;
        private final Digest wanted;

        DigestMismatch(String ref, Digest found, Digest wanted) {
            super("ingest %s: found %s, wanted %s".formatted(ref, found, wanted));
            this.found = found;
            this.wanted = wanted;
        }

        /** What the bytes hash to. */
        public Digest found() {
            return found;
        }

        /** What they should have hashed to. */
        public Digest wanted() {
            return wanted;
        }
    }

    /** More or fewer bytes than expected, or more than allowed; too many are deleted. */
    public static final class SizeMismatch extends ContentException {
        SizeMismatch(String ref, long found, String wanted) {
            super("ingest %s: found %d bytes, wanted %s".formatted(ref, found, wanted));
        }

        SizeMismatch(Digest digest, long found, int limit) {
            super("content %s: found %d bytes, wanted at most %d".formatted(digest, found, limit));
        }
    }

    /** Another writer has this ref open now. */
    public static final class Busy extends ContentException {
        Busy(String ref) {
            super("ingest %s: open already; wait for its writer".formatted(ref));
        }
    }

    /** The disk is full; what was written is kept for a resume. */
    public static final class NoSpace extends ContentException {
        NoSpace(String ref, long offset, OptionalLong wanted, Path store, Throwable cause) {
            super(
                    "ingest %s: the disk is full at byte %d%s; free some space below %s"
                            .formatted(
                                    ref,
                                    offset,
                                    wanted.isPresent() ? " of " + wanted.getAsLong() : "",
                                    store),
                    cause);
        }
    }

    /** The file system refused; the cause says what. */
    public static final class Failed extends ContentException {
        Failed(Object subject, Throwable cause) {
            super("content %s: %s".formatted(subject, cause.getMessage()), cause);
        }
    }
}
