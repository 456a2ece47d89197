package io.berth.sandbox.recovery;

import io.berth.shimclient.shim.ShimException;

/** A shim that runs but does not answer: nobody knows what became of its pod yet. */
final class SilentShim extends RuntimeException {
    private static final long serialVersionUID = 1;

    SilentShim(ShimException.TimedOut silent) {
        super("its shim does not answer: " + silent.getMessage(), silent);
    }
}
