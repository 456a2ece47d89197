package io.berth.linux;

import java.io.IOException;
import java.io.OutputStream;

/** Gives a process its input. A process that does not read it all is within its rights. */
final class InputFeed {
    /** What a pipe takes without a reader (pipe(7): 16 pages). */
    private static final int PIPE_SIZE = 65536;

    private InputFeed() {}

    static void feed(OutputStream stdin, Processes.Launch launch) {
        if (launch.stdin().length <= PIPE_SIZE) {
            write(stdin, launch.stdin());
        } else {
            var _ =
                    Thread.ofPlatform()
                            .name("input-" + launch.program())
                            .daemon()
                            .start(() -> write(stdin, launch.stdin()));
        }
    }

    private static void write(OutputStream stdin, byte[] bytes) {
        try (stdin) {
            stdin.write(bytes);
        } catch (IOException closed) {
            // EPIPE: the process ended or closed its input
        }
    }
}
