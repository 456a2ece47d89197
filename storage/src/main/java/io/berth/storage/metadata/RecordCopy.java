package io.berth.storage.metadata;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * A copy of all records in a file of its own, in step with the commits and never synced. It lies in
 * the state folder: it is there as long as the tasks that the records tell of.
 *
 * <pre>
 * line "berth-records 1 ID\n", then frames; a frame is one group of commits
 * frame   length 4 | CRC32C 4 | changes
 * change  1 put, 0 delete | family length 2, family | key length 4, key | value length 4, value
 * frame of length 0: all records of the beginning are written
 * </pre>
 *
 * <p>Store thread only. A copy that cannot be written is deleted, since a stale one misleads. One
 * that would take too much is begun anew once so many records are gone that it fits.
 */
final class RecordCopy {
    private static final System.Logger LOG = System.getLogger(RecordCopy.class.getName());
    private static final String MAGIC = "berth-records 1 ";
    private static final int FRAME_LIMIT = 1 << 20;
    private static final int MAX_FRAME = 256 << 20;
    private static final long GROWTH = 8L << 20;

    /** How much of the state folder, which is memory, the records may take. */
    private static final long LIMIT = 64L << 20;

    /** Below this, a copy that was given up for its size is begun anew. */
    private static final long FITS = LIMIT / 4;

    private final Path file;
    private final String id;
    private @Nullable FileChannel out;
    private ByteArrayOutputStream frame = new ByteArrayOutputStream();
    private long begun;
    private boolean whole;

    /** The bytes of all records, kept while they are too many. */
    private long total;

    private boolean tooLarge;

    RecordCopy(Path file, String id) {
        this.file = file;
        this.id = id;
    }

    private Path growing() {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    /**
     * Begins a new copy beside the present one; {@link #record} each record, then {@link #begun}.
     */
    void begin() {
        whole = false;
        tooLarge = false;
        total = 0;
        close();
        try {
            Files.deleteIfExists(growing());
            out =
                    FileChannel.open(
                            growing(),
                            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            write(ByteBuffer.wrap((MAGIC + id + "\n").getBytes(StandardCharsets.UTF_8)));
            frame = new ByteArrayOutputStream();
        } catch (IOException failed) {
            giveUp(failed);
        }
    }

    void record(String family, String key, byte[] value) {
        total += key.length() + value.length;
        if (out == null) {
            return;
        }
        add(family, key.getBytes(StandardCharsets.UTF_8), value);
        if (frame.size() > FRAME_LIMIT) {
            endFrame();
        }
    }

    /** The new copy has all records and takes the place of the present one. */
    void begun() {
        if (frame.size() > 0) {
            endFrame();
        }
        endFrame(); // the empty one
        try {
            if (out != null && out.position() > LIMIT / 2) {
                throw tooMuch();
            }
            if (out != null) {
                Files.move(
                        growing(),
                        file,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                begun = out.position();
                whole = true;
            }
        } catch (IOException failed) {
            giveUp(failed);
        }
    }

    /** The present value of a record; null if there is none. */
    interface Present {
        byte @Nullable [] value(String family, byte[] key) throws RocksDBException;
    }

    /** Keeps count, while there is no copy for the size of the records; before they are written. */
    void count(List<Batch> group, Present present) throws RocksDBException {
        if (!tooLarge) {
            return;
        }
        for (var batch : group) {
            for (var change : batch.changes()) {
                byte[] old = present.value(change.family(), change.key());
                byte[] value = change.value();
                total -= old == null ? 0 : change.key().length + old.length;
                total += value == null ? 0 : change.key().length + value.length;
            }
        }
    }

    /** Adds a group of commits; false if the copy should be begun anew. */
    boolean append(List<Batch> group) {
        var channel = out;
        if (channel == null || !whole) {
            return !tooLarge || total > FITS;
        }
        for (var batch : group) {
            for (var change : batch.changes()) {
                add(change.family(), change.key(), change.value());
            }
        }
        endFrame();
        try {
            return out == null || channel.position() < Math.min(GROWTH + 3 * begun, LIMIT / 2);
        } catch (IOException failed) {
            giveUp(failed);
            return true;
        }
    }

    private void add(String family, byte[] key, byte @Nullable [] value) {
        var data = new DataOutputStream(frame);
        try {
            data.writeByte(value == null ? 0 : 1);
            data.writeUTF(family);
            data.writeInt(key.length);
            data.write(key);
            data.writeInt(value == null ? 0 : value.length);
            if (value != null) {
                data.write(value);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private void endFrame() {
        byte[] changes = frame.toByteArray();
        frame = new ByteArrayOutputStream();
        if (out == null) {
            return;
        }
        var crc = new CRC32C();
        crc.update(changes);
        try {
            write(
                    ByteBuffer.allocate(8 + changes.length)
                            .putInt(changes.length)
                            .putInt((int) crc.getValue())
                            .put(changes)
                            .flip());
        } catch (IOException failed) {
            giveUp(failed);
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        if (out != null && out.position() + bytes.remaining() > LIMIT) {
            throw tooMuch();
        }
        while (out != null && bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private IOException tooMuch() {
        tooLarge = true;
        return new IOException("they take more than %d MB".formatted(LIMIT >> 21));
    }

    private void giveUp(IOException failed) {
        LOG.log(
                System.Logger.Level.WARNING,
                "records are not copied to {0} until {1}: {2}",
                file,
                tooLarge ? "they are fewer" : "the next start",
                failed.getMessage());
        close();
        for (var each : List.of(file, growing())) {
            try {
                Files.deleteIfExists(each);
            } catch (IOException stays) {
                LOG.log(System.Logger.Level.ERROR, "stale copy of records: " + each, stays);
            }
        }
    }

    void close() {
        var channel = out;
        out = null;
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException unwritten) {
                LOG.log(System.Logger.Level.WARNING, "records: " + file, unwritten);
            }
        }
    }

    /** What a copy holds, by family and key, and whose it is. */
    record Content(String id, Map<String, Map<String, byte[]>> families) {}

    /** Reads a copy; a cut frame at its end is left out. Empty if there is no whole beginning. */
    static Optional<Content> read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (var in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            var line = line(in);
            if (!line.startsWith(MAGIC)) {
                return Optional.empty();
            }
            var families = new TreeMap<String, Map<String, byte[]>>();
            boolean whole = frames(in, families);
            return whole
                    ? Optional.of(new Content(line.substring(MAGIC.length()), families))
                    : Optional.empty();
        }
    }

    private static String line(DataInputStream in) throws IOException {
        var text = new StringBuilder();
        for (int c = in.read(); c != '\n' && c >= 0 && text.length() < 256; c = in.read()) {
            text.append((char) c);
        }
        return text.toString();
    }

    private static boolean frames(DataInputStream in, Map<String, Map<String, byte[]>> families)
            throws IOException {
        boolean whole = false;
        try {
            while (true) {
                int length = in.readInt();
                int sum = in.readInt();
                if (length < 0 || length > MAX_FRAME) {
                    return whole;
                }
                byte[] changes = in.readNBytes(length);
                var crc = new CRC32C();
                crc.update(changes);
                if (changes.length < length || (int) crc.getValue() != sum) {
                    return whole;
                }
                whole |= length == 0;
                apply(changes, families);
            }
        } catch (EOFException end) {
            return whole;
        }
    }

    private static void apply(byte[] changes, Map<String, Map<String, byte[]>> families)
            throws IOException {
        var data = new DataInputStream(new java.io.ByteArrayInputStream(changes));
        while (data.available() > 0) {
            boolean put = data.readByte() == 1;
            var records = families.computeIfAbsent(data.readUTF(), _ -> new TreeMap<>());
            var key = new String(data.readNBytes(data.readInt()), StandardCharsets.UTF_8);
            byte[] value = data.readNBytes(data.readInt());
            if (put) {
                records.put(key, value);
            } else {
                records.remove(key);
            }
        }
    }
}
