package io.berth.streaming;

import java.io.IOException;

/**
 * One stream of a connection, whichever protocol carries it. Its input is handed over on the event
 * loop; its output is written by threads that block as the client's pace wants it.
 */
abstract class ClientChannel {
    private volatile Input input = Input.NONE;

    /** Sets who takes what the client sends; called before any of it arrives. */
    void setInput(Input taker) {
        input = taker;
    }

    Input input() {
        return input;
    }

    /** Sends bytes; drops them if the client has closed this stream. */
    abstract void write(byte[] bytes, int length) throws IOException;

    /** Tells the client that no more will come. */
    abstract void end() throws IOException;

    /** Forgets the stream: what the client still sends on it is dropped. */
    abstract void release();
}
