package io.berth.imageservice.pull;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * The turn to read a manifest or a configuration. The tree of a hostile one takes some megabytes
 * for some milliseconds; so few are read at once, however many images are pulled.
 */
final class DocumentTurn {
    private static final Semaphore AT_ONCE = new Semaphore(2, true);

    private DocumentTurn() {}

    /** Reads in its turn; not to be taken within another turn. */
    static <T> T of(Supplier<T> reading) {
        AT_ONCE.acquireUninterruptibly();
        try {
            return reading.get();
        } finally {
            AT_ONCE.release();
        }
    }
}
