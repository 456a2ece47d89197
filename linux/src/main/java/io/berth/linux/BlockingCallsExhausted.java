package io.berth.linux;

import java.io.IOException;

/** A call that was never made: others of its party hang in all the slots there are. */
public final class BlockingCallsExhausted extends IOException {
    BlockingCallsExhausted(String message) {
        super(message);
    }
}
