package io.berth.daemon.cli;

/**
 * How the command ends, besides the codes of containers that {@code run} and {@code exec} pass on.
 */
final class ExitCode {
    static final int OK = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;
    static final int NO_DAEMON = 3;
    static final int NOT_FOUND = 4;

    private ExitCode() {}
}
