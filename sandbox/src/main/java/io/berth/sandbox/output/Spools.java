package io.berth.sandbox.output;

import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxFd;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Path;

/** The outputs that are collected at a time, and what all of them together may hold. */
public final class Spools {
    /** In memory, in bytes, and no more than a part of the heap; the rest lies in files. */
    private static final long MEMORY_BYTES = 8 << 20;

    private static final int HEAP_PART = 32;

    /** In files, in bytes. */
    private static final long DISK_BYTES = 1 << 30;

    private final Linux linux;
    private final Path folder;
    private final ByteLimit memory;
    private final ByteLimit disk;

    /**
     * @param folder exists when the first output grows large; its file system holds what is long
     */
    public Spools(Linux linux, Path folder) {
        this(
                linux,
                folder,
                new ByteLimit(Math.min(MEMORY_BYTES, Runtime.getRuntime().maxMemory() / HEAP_PART)),
                new ByteLimit(DISK_BYTES));
    }

    Spools(Linux linux, Path folder, ByteLimit memory, ByteLimit disk) {
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

    ByteLimit memory() {
        return memory;
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
