package io.berth.storage.metadata;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * How far the store has come, noted beside it after each group of commits and before their callers
 * are answered. The note is overwritten in place and never synced: it may lag behind the store
 * after a power cut, and never runs ahead of it. A store that has less than its note says has lost
 * records.
 *
 * <pre>
 * meta.note   "berth-note 1 SEQUENCE BEFORE MANIFEST BYTES CRC32C\n", 128 bytes, filled with blanks
 *
 * SEQUENCE    RocksDB's sequence number after the last group; BEFORE: the one before that group
 * MANIFEST    the name of the file that CURRENT names; BYTES: its length
 * </pre>
 */
final class CommitNote implements Closeable {
    private static final int SIZE_BYTES = 128;
    private static final String MAGIC = "berth-note 1 ";
    private final FileChannel file;

    /** The note's content. */
    record Content(long sequence, long before, String manifest, long manifestBytes) {
        private String text() {
            return MAGIC + sequence + " " + before + " " + manifest + " " + manifestBytes + " ";
        }
    }

    private CommitNote(FileChannel file) {
        this.file = file;
    }

    static Path beside(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".note");
    }

    /** Opens it for writing; made if it is missing. */
    static CommitNote open(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        }
        return new CommitNote(FileChannel.open(file, StandardOpenOption.WRITE));
    }

    /** Reads it; empty if there is none, or none that a power cut left whole. */
    static Optional<Content> read(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) != SIZE_BYTES) {
            return Optional.empty();
        }
        var words = Files.readString(file, StandardCharsets.ISO_8859_1).strip().split(" ", -1);
        try {
            var content =
                    new Content(
                            Long.parseLong(words[2]),
                            Long.parseLong(words[3]),
                            words[4],
                            Long.parseLong(words[5]));
            return words[6].equals(sum(content.text())) ? Optional.of(content) : Optional.empty();
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException torn) {
            return Optional.empty();
        }
    }

    void write(Content content) throws IOException {
        var text = content.text();
        var line = text + sum(text) + "\n";
        var bytes =
                ByteBuffer.wrap(
                        (line + " ".repeat(SIZE_BYTES - line.length()))
                                .getBytes(StandardCharsets.ISO_8859_1));
        file.write(bytes, 0);
    }

    /** Makes the file itself lasting, once, so that it is found after a power cut. */
    void sync() throws IOException {
        file.force(true);
    }

    private static String sum(String text) {
        var crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return Long.toHexString(crc.getValue());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
