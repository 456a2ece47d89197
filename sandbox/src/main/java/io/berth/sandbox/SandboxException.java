package io.berth.sandbox;

/**
 * Why an operation on a pod or a container did not do what was asked. A subclass stands where the
 * caller does something different; the message names the subject, what was found and what to do.
 */
public abstract sealed class SandboxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SandboxException(String message) {
        super(message);
    }

    SandboxException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The pod or container that was named does not exist. */
    public static final class NotFound extends SandboxException {
        private static final long serialVersionUID = 1L;

        public NotFound(String message) {
            super(message);
        }
    }

    /** The name is held by something else than what was asked for. */
    public static final class AlreadyExists extends SandboxException {
        private static final long serialVersionUID = 1L;

        public AlreadyExists(String message) {
            super(message);
        }
    }

    /** The request makes no sense, or asks for what berth does not honour. */
    public static final class InvalidRequest extends SandboxException {
        private static final long serialVersionUID = 1L;

        public InvalidRequest(String message) {
            super(message);
        }
    }

    /** The pod or container is not in a state in which this can be done. */
    public static final class WrongState extends SandboxException {
        private static final long serialVersionUID = 1L;

        public WrongState(String message) {
            super(message);
        }
    }

    /** The caller's time is over; the operation goes on, and a retry joins it. */
    public static final class StillRunning extends SandboxException {
        private static final long serialVersionUID = 1L;

        public StillRunning(String message) {
            super(message);
        }
    }

    /** The process did not end in the time that was given to it. */
    public static final class TimedOut extends SandboxException {
        private static final long serialVersionUID = 1L;

        public TimedOut(String message) {
            super(message);
        }
    }

    /** The reader of a stream did not keep up, and was given up. */
    public static final class TooSlow extends SandboxException {
        private static final long serialVersionUID = 1L;

        public TooSlow(String message) {
            super(message);
        }
    }

    /** Something outside berth failed: the message says what, and at which stage. */
    public static final class Failed extends SandboxException {
        private static final long serialVersionUID = 1L;

        public Failed(String message, Throwable cause) {
            super(message, cause);
        }

        public Failed(String message) {
            super(message);
        }
    }
}
