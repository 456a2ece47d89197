package io.berth.daemon.cli.run;

/** A pod could not be run, or something of it not be removed. Its message is for people. */
public final class RunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RunException(String message) {
        super(message);
    }

    public RunException(String message, Throwable cause) {
        super(message, cause);
    }
}
