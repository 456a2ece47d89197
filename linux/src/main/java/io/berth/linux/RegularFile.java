package io.berth.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads files that others wrote: whole, up to a limit, and never one that could block. */
public final class RegularFile {
    private RegularFile() {}

    /**
     * The content of a file; symbolic links are followed.
     *
     * @throws LinuxException if it is not there or cannot be read
     * @throws IOException if it is not a regular file, or larger than {@code maxBytes}
     */
    public static byte[] read(Linux linux, Path path, int maxBytes) throws IOException {
        int flags = Flags.O_RDONLY | Flags.O_CLOEXEC | Flags.O_NONBLOCK | Flags.O_NOCTTY;
        try (var file = linux.open(path, flags, 0)) {
            var stat = linux.fstat(file);
            if (!stat.isRegularFile()) {
                throw new IOException("%s: is not a regular file".formatted(path));
            }
            if (stat.sizeBytes() > maxBytes) {
                throw tooLarge(path, maxBytes);
            }
            // One more than it says, to see whether it grows.
            var bytes = ByteBuffer.allocate(Math.toIntExact(stat.sizeBytes()) + 1);
            while (bytes.hasRemaining() && linux.read(file, bytes) > 0) {
                // until its end
            }
            if (!bytes.hasRemaining()) {
                throw new IOException("%s: grows while it is read".formatted(path));
            }
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    private static IOException tooLarge(Path path, int maxBytes) {
        return new IOException("%s: is larger than %d bytes".formatted(path, maxBytes));
    }
}
