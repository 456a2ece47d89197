package io.berth.streaming;

import java.io.Closeable;
import java.io.IOException;

/**
 * What sessions are served from. Each call has a virtual thread to itself and may last as long as
 * the session; it ends soon after {@link ClientStreams#gone} has completed. What it throws is told
 * to the client by its message.
 */
public interface StreamTarget {
    /**
     * Runs a command to its end.
     *
     * @return its exit code
     */
    int exec(StreamRequest.Exec request, ClientStreams client) throws IOException;

    /** Connects a client with a running container until either ends. */
    void attach(StreamRequest.Attach request, ClientStreams client) throws IOException;

    /** Connects to a port on a pod's loopback address. */
    PortConnection connect(StreamRequest.PortForward request, int port) throws IOException;

    /** A connection to a pod. Reading and writing block the calling thread; closing ends both. */
    interface PortConnection extends Closeable {
        /** At least one byte, or -1 when the pod has ended its direction. */
        int read(byte[] into) throws IOException;

        /** All of the bytes. */
        void write(byte[] bytes, int length) throws IOException;

        /** Tells the pod that no more will come; its own direction stays open. */
        void shutdownOutput() throws IOException;

        @Override
        void close();
    }
}
