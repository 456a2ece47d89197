package io.berth.storage.metadata;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;

/**
 * A file of real bytes beside the store, deleted when the disk is full so that removals can still
 * be recorded. It is filled with noise: file systems that compress would keep nothing of zeroes.
 */
final class Reserve {
    static final int SIZE_BYTES = 32 << 20;
    private static final int CHUNK_BYTES = 1 << 20;
    private final Path file;

    Reserve(Path file) {
        this.file = file;
    }

    boolean stands() throws IOException {
        return Files.exists(file) && Files.size(file) == SIZE_BYTES;
    }

    void free() throws IOException {
        Files.deleteIfExists(file);
    }

    /** Builds it when the disk has room for two; false when it has not. Leaves no half of one. */
    boolean build() {
        var growing = file.resolveSibling(file.getFileName() + ".new");
        try {
            if (stands()) {
                return true;
            }
            if (Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace()
                    < 2L * SIZE_BYTES) {
                return false;
            }
            fill(growing);
            Files.move(growing, file, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException full) {
            deleteHalf(growing);
            return false;
        }
    }

    private static void deleteHalf(Path growing) {
        try {
            Files.deleteIfExists(growing);
        } catch (IOException stays) {
            System.getLogger(Reserve.class.getName())
                    .log(System.Logger.Level.WARNING, "reserve: " + growing, stays);
        }
    }

    private static void fill(Path growing) throws IOException {
        byte[] noise = new byte[CHUNK_BYTES];
        new Random(CHUNK_BYTES).nextBytes(noise);
        try (var channel =
                FileChannel.open(
                        growing,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            Files.setPosixFilePermissions(growing, PosixFilePermissions.fromString("rw-------"));
            for (int written = 0; written < SIZE_BYTES; written += CHUNK_BYTES) {
                var chunk = ByteBuffer.wrap(noise);
                while (chunk.hasRemaining()) {
                    channel.write(chunk);
                }
            }
            channel.force(true);
        }
    }
}
