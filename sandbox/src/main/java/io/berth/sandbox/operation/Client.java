package io.berth.sandbox.operation;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Whoever is connected with a process's streams. Calls block the calling thread, as the client's
 * pace wants it, and throw once the client is gone.
 */
public interface Client {
    /** The next input: at least one byte, or -1 at its end. */
    int readStdin(byte[] into) throws IOException;

    void writeStdout(byte[] bytes, int length) throws IOException;

    void writeStderr(byte[] bytes, int length) throws IOException;

    /** The terminal's next size; empty when none will come. */
    Optional<Size> nextSize() throws InterruptedException;

    /** Completes, with the reason, when the client can be reached no more. */
    CompletableFuture<String> gone();

    /** Columns and rows. */
    record Size(int width, int height) {}
}
