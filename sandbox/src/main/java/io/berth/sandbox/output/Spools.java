package io.berth.sandbox.output;

import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxFd;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Path;

/** The outputs that are collected at a time, and what all of them together may hold. */
public final class Spools {
    /** In files, in bytes. */
    private static final long DISK_BYTES = 1 << 30;

    /** The part of all outputs' memory that commands may fill; CNI plugins and others need some. */
    private static final double PART = 0.75;

    private final Linux linux;
    private final Path folder;
    private final MemoryBudget memory;
    private final ByteLimit disk;

    /**
     * @param folder exists when the first output grows large; its file system holds what is long
     * @param memory what all outputs may take of it; the rest lies in files
     */
    public Spools(Linux linux, Path folder, MemoryBudget memory) {
        this(linux, folder, memory, new ByteLimit(DISK_BYTES));
    }

    Spools(Linux linux, Path folder, MemoryBudget memory, ByteLimit disk) {
        this.linux = linux;
        this.folder = folder;
        this.memory = memory;
        this.disk = disk;
    }

    /** An empty one. */
    public Spool open(String name) {
        return new Spool(this, name);
    }

    Linux linux() {
        return linux;
    }

    /** Whether outputs of commands leave enough for programs of the node if they take so much. */
    boolean leavesRoom(int bytes) {
        long most = (long) (PART * memory.limit(ForeignKind.OUTPUT));
        return memory.held(ForeignKind.OUTPUT) + bytes <= most;
    }

    /** An empty share of the memory, which a spool lets grow. */
    MemoryBudget.Share share() {
        return memory.force(ForeignKind.OUTPUT, 0);
    }

    ByteLimit disk() {
        return disk;
    }

    /** A file that nobody else can find, and that is gone when it is closed or the daemon dies. */
    LinuxFd file(String name) throws IOException {
        return Steps.run(
                "exec.spool", name, () -> linux.open(folder, Flags.O_TMPFILE | Flags.O_RDWR, 0600));
    }
}
