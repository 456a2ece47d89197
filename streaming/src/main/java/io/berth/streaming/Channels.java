package io.berth.streaming;

/**
 * Which streams of a process a client wants.
 *
 * @param tty the process has a terminal: stdout carries both outputs
 */
public record Channels(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
    public Channels {
        if (tty && stderr) {
            throw new IllegalArgumentException(
                    "streams: found tty with stderr, wanted one of them: a terminal has one output");
        }
        if (!stdin && !stdout && !stderr) {
            throw new IllegalArgumentException(
                    "streams: found none, wanted one of stdin, stdout and stderr");
        }
    }
}
