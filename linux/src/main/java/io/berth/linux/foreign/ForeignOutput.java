package io.berth.linux.foreign;

import io.berth.linux.Processes;

/**
 * The room of the {@link MemoryBudget} that a program's outputs take, from when they are written
 * until the request that the program was run for has ended; without a request, until the program
 * has.
 */
public final class ForeignOutput implements Processes.Room {
    private final MemoryBudget.Share share;

    private ForeignOutput(MemoryBudget.Share share) {
        this.share = share;
    }

    /** Programs whose outputs are counted by the budget. */
    public static Processes programs(MemoryBudget memory) {
        return new Processes(() -> new ForeignOutput(memory.force(ForeignKind.OUTPUT, 0)));
    }

    @Override
    public void grow(long more) {
        share.grow(more);
    }

    @Override
    public void keep() {
        ForeignScope.keep(share);
    }

    @Override
    public void close() {
        share.close();
    }
}
