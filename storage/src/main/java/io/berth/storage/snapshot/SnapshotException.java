package io.berth.storage.snapshot;

/** Why a snapshot operation was refused, or did not work; nothing of it is visible afterwards. */
public abstract sealed class SnapshotException extends RuntimeException {
    private SnapshotException(String message) {
        super(message);
    }

    private SnapshotException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The key or name is taken; the holder is unharmed. */
    public static final class AlreadyExists extends SnapshotException {
        public AlreadyExists(String id, SnapshotKind kind) {
            super("snapshot %s: exists already as %s".formatted(id, kind));
        }
    }

    /** The key or name is unknown. */
    public static final class NotFound extends SnapshotException {
        public NotFound(String id) {
            super("snapshot %s: not found".formatted(id));
        }
    }

    /** The parent is unknown or not committed. */
    public static final class ParentMissing extends SnapshotException {
        public ParentMissing(String id, SnapshotName parent, String found) {
            super(
                    "snapshot %s: parent %s: found %s, wanted a committed snapshot"
                            .formatted(id, parent, found));
        }
    }

    /** The operation is not one for this kind of snapshot, such as the commit of a view. */
    public static final class WrongKind extends SnapshotException {
        public WrongKind(String id, SnapshotKind found, String wanted) {
            super("snapshot %s: found %s, wanted %s".formatted(id, found, wanted));
        }
    }

    /** A committed snapshot that others build on cannot be removed. */
    public static final class InUse extends SnapshotException {
        public InUse(String id, String child) {
            super("snapshot %s: is the parent of %s; remove that first".formatted(id, child));
        }
    }

    /** The chain of parents is too long to be mounted at once. */
    public static final class ChainTooLong extends SnapshotException {
        public ChainTooLong(String id, int found, int wanted) {
            super(
                    "snapshot %s: found a chain of %d layers, wanted at most %d"
                            .formatted(id, found, wanted));
        }
    }

    /** The file system or the kernel refused; the cause says what. */
    public static final class Failed extends SnapshotException {
        public Failed(String id, String doing, Throwable cause) {
            super("snapshot %s: %s: %s".formatted(id, doing, cause.getMessage()), cause);
        }
    }
}
