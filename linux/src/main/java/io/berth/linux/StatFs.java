package io.berth.linux;

/** What statfs(2) says of a file system; blocks are of {@code blockSizeBytes}. */
public record StatFs(
        long type,
        long blockSizeBytes,
        long blocks,
        long freeBlocks,
        long availableBlocks,
        long inodes,
        long freeInodes) {
    /** Bytes in all. */
    public long sizeBytes() {
        return blocks * blockSizeBytes;
    }

    /** Bytes that an unprivileged process may still use. */
    public long availableBytes() {
        return availableBlocks * blockSizeBytes;
    }

    /** Bytes in use. */
    public long usedBytes() {
        return (blocks - freeBlocks) * blockSizeBytes;
    }
}
