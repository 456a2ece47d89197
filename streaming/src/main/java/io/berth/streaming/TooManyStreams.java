package io.berth.streaming;

/** So many URLs wait for their clients that no further one is given out. */
public final class TooManyStreams extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyStreams(String message) {
        super(message);
    }
}
