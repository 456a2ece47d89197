package io.berth.shimclient.ttrpc;

import org.jspecify.annotations.Nullable;

/** Why a call has no answer. What the peer has done by then is known only for {@link Refused}. */
public abstract sealed class TtrpcException extends RuntimeException {
    TtrpcException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The peer answered with a status other than OK. */
    public static final class Refused extends TtrpcException {
        private final StatusCode code;

        public Refused(StatusCode code, String message) {
            super(message, null);
            this.code = code;
        }

        public StatusCode code() {
            return code;
        }
    }

    /** There is no connection, or it ended before the answer. Says nothing about the process. */
    public static final class Closed extends TtrpcException {
        Closed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The deadline passed; the peer may still act on the call. */
    public static final class DeadlinePassed extends TtrpcException {
        DeadlinePassed(String message) {
            super(message, null);
        }
    }

    /** The calling thread was interrupted, and is again; the peer may still act on the call. */
    public static final class Interrupted extends TtrpcException {
        Interrupted(String message, InterruptedException cause) {
            super(message, cause);
        }
    }
}
