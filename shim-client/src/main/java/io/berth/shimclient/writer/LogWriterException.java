package io.berth.shimclient.writer;

import org.jspecify.annotations.Nullable;

/** What can go wrong with a log writer; a subclass for each thing that a caller does otherwise. */
public sealed class LogWriterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private LogWriterException(String message) {
        super(message);
    }

    private LogWriterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The program is not there. */
    public static final class NotInstalled extends LogWriterException {
        private static final long serialVersionUID = 1L;

        NotInstalled(String message) {
            super(message);
        }
    }

    /** The writer could not be started; it has removed what it had made. */
    public static final class LaunchFailed extends LogWriterException {
        private static final long serialVersionUID = 1L;

        LaunchFailed(String message) {
            super(message);
        }

        LaunchFailed(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** There is no control socket: the writer has ended and its log is complete. */
    public static final class Ended extends LogWriterException {
        private static final long serialVersionUID = 1L;

        Ended(String message) {
            super(message);
        }
    }

    /**
     * The writer died before its log was complete. What a FIFO holds is there as long as the shim
     * keeps it open: a new writer on the same paths takes it up.
     */
    public static final class Lost extends LogWriterException {
        private static final long serialVersionUID = 1L;

        Lost(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The writer answered with an error; it goes on as before. */
    public static final class Refused extends LogWriterException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** The writer did not answer in time; the command may still be carried out. */
    public static final class TimedOut extends LogWriterException {
        private static final long serialVersionUID = 1L;

        TimedOut(String message) {
            super(message);
        }
    }
}
