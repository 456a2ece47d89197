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

    /** The shim, or the runtime below it, refused; the message carries its words. */
    public static final class Failed extends ShimException {
        public Failed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
