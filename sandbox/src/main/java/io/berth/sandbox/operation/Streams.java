package io.berth.sandbox.operation;

import io.berth.sandbox.SandboxException;

/** What can be asked of a process's streams. */
final class Streams {
    private Streams() {}

    /**
     * A terminal has one output; a client without any stream has nothing to be connected with.
     *
     * @throws SandboxException.InvalidRequest if the request breaks that
     */
    static void check(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
        if (tty && stderr) {
            throw new SandboxException.InvalidRequest(
                    "stderr: found true with tty, wanted false: a terminal has one output");
        }
        if (!stdin && !stdout && !stderr) {
            throw new SandboxException.InvalidRequest(
                    "stdin, stdout, stderr: found none, wanted at least one of them");
        }
    }
}
