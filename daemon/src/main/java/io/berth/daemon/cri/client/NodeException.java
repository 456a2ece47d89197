package io.berth.daemon.cri.client;

import java.nio.file.Path;

/** The daemon did not do what was asked. Its message is for people. */
public abstract sealed class NodeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NodeException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Nobody answers on the socket, or no longer. */
    public static final class Unreachable extends NodeException {
        private static final long serialVersionUID = 1L;

        Unreachable(Path socket, Throwable cause) {
            super("no daemon answers on %s; start it with `berth daemon`".formatted(socket), cause);
        }
    }

    /** What the request names is not there. */
    public static final class NotFound extends NodeException {
        private static final long serialVersionUID = 1L;

        NotFound(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The daemon refused or failed, with the code and the words that it answered. */
    public static final class Failed extends NodeException {
        private static final long serialVersionUID = 1L;

        private final String code;

        Failed(String code, String message, Throwable cause) {
            super(message, cause);
            this.code = code;
        }

        /** The gRPC code's name, such as {@code INVALID_ARGUMENT}. */
        public String code() {
            return code;
        }
    }
}
