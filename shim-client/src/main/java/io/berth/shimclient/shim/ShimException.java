package io.berth.shimclient.shim;

import org.jspecify.annotations.Nullable;

/** Why a shim did not do what was asked. */
public abstract sealed class ShimException extends RuntimeException {
    ShimException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The shim, or the task in it, does not exist; for a stop or a removal that is success. */
    public static final class NotFound extends ShimException {
        public NotFound(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** A task or an exec of that id exists. */
    public static final class AlreadyExists extends ShimException {
        public AlreadyExists(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The shim's process is gone. Its tasks may still run: {@link Shims#forceDelete}. */
    public static final class ShimLost extends ShimException {
        public ShimLost(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** No answer in time, from a shim that may be alive and may still do it. */
    public static final class TimedOut extends ShimException {
        public TimedOut(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * This side gave the call up: it closed the connection, as it ends or wants nothing more of the
     * shim, or the calling thread was interrupted. Says nothing of the shim and its tasks, and what
     * was asked may have been done: it is no outcome, and no record may tell it as one.
     */
    public static final class GivenUp extends ShimException {
        public GivenUp(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The shim, or the runtime below it, refused; the message carries its words. */
    public static final class Failed extends ShimException {
        public Failed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
