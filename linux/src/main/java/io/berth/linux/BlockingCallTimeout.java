package io.berth.linux;

import java.io.IOException;

/** A call that was given up at its deadline; it may still be running, and may still succeed. */
public final class BlockingCallTimeout extends IOException {
    BlockingCallTimeout(String message) {
        super(message);
    }
}
