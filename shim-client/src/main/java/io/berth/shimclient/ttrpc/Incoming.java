package io.berth.shimclient.ttrpc;

import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.foreign.MemoryExhausted;
import java.util.Optional;

/**
 * A frame of the peer's, and the room that it takes in memory until it is closed.
 *
 * @param refusal why the payload was passed over and is empty: there was no room for it
 */
record Incoming(Frame frame, MemoryBudget.Share room, Optional<MemoryExhausted> refusal)
        implements AutoCloseable {
    /** Gives the room back. Closing twice is harmless. */
    @Override
    public void close() {
        room.close();
    }
}
