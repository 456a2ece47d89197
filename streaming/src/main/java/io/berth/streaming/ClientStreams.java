package io.berth.streaming;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A client's end of a process's streams. Calls block the calling thread, as the client's pace wants
 * it, and throw once the client is gone.
 */
public interface ClientStreams {
    /** The next input: at least one byte, or -1 when the client has ended it or gave none. */
    int readStdin(byte[] into) throws IOException;

    /** Output; dropped if the client did not ask for it or has closed it. */
    void writeStdout(byte[] bytes, int length) throws IOException;

    /** As {@link #writeStdout}. */
    void writeStderr(byte[] bytes, int length) throws IOException;

    /** The terminal's next size, leaving out those already outdated; empty when none will come. */
    Optional<TerminalSize> nextSize() throws InterruptedException;

    /** Completes, with the reason, when the client can be reached no more. */
    CompletableFuture<String> gone();
}
