package io.berth.storage.metadata;

/** Why the metadata store could not do what was asked; the message names what it was about. */
public abstract sealed class MetadataException extends RuntimeException {
    private MetadataException(String message) {
        super(message);
    }

    private MetadataException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Another process has the store open. */
    public static final class Locked extends MetadataException {
        Locked(Object directory, String holder) {
            super(
                    "metadata %s: held by %s; stop it, or use another root"
                            .formatted(directory, holder));
        }
    }

    /** The disk is full: nothing that grows is accepted; removals are. */
    public static final class NoSpace extends MetadataException {
        NoSpace(Object directory) {
            super(
                    "metadata %s: the disk is full, only removals are accepted; free some space"
                            .formatted(directory));
        }

        NoSpace(Object directory, Throwable cause) {
            super(
                    "metadata %s: the disk is full, even with the reserve freed; free some space"
                            .formatted(directory),
                    cause);
        }
    }

    /** The store's files are damaged beyond a torn tail of the log. Nothing was changed. */
    public static final class Corrupt extends MetadataException {
        Corrupt(Object directory, Throwable cause) {
            super(text(directory, String.valueOf(cause.getMessage())), cause);
        }

        Corrupt(Object directory, String found) {
            super(text(directory, found));
        }

        private static String text(Object directory, String found) {
            return ("metadata %s: damaged: %s; stop the daemon, look with \"berth store check\" and"
                            + " repair with \"berth store salvage\"")
                    .formatted(directory, found);
        }
    }

    /** A record is longer than any is allowed to be; nothing was written. */
    public static final class TooLarge extends MetadataException {
        TooLarge(String family, int found, int wanted) {
            super(
                    "record of %s: found %d bytes, wanted at most %d; ask for less"
                            .formatted(family, found, wanted));
        }
    }

    /** One record cannot be read: not JSON, not the type, or of an unknown version. */
    public static final class UnreadableRecord extends MetadataException {
        UnreadableRecord(String family, String key, String found) {
            super("record %s/%s: %s".formatted(family, key, found));
        }

        UnreadableRecord(String family, String key, Throwable cause) {
            super("record %s/%s: %s".formatted(family, key, cause.getMessage()), cause);
        }
    }

    /** Reading or writing failed; of a write it is unknown whether it is there after a restart. */
    public static final class Failed extends MetadataException {
        Failed(Object directory, Throwable cause) {
            super("metadata %s: %s".formatted(directory, cause.getMessage()), cause);
        }
    }

    /** The store is closed. */
    public static final class Closed extends MetadataException {
        Closed(Object directory) {
            super("metadata %s: closed".formatted(directory));
        }
    }
}
