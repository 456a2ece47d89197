package io.berth.shimclient.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.berth.linux.step.Steps;
import io.berth.shim.events.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * The events kept in one bundle. A bundle is drained by one thread at a time; publishers of any
 * process may append meanwhile.
 */
public final class EventJournal {
    /** The file's name in the bundle. */
    public static final String FILE_NAME = "events.journal";

    private static final byte[] MAGIC = "berthev1".getBytes(US_ASCII);
    private static final int HEAD = 8;
    private static final int LIMIT = 1 << 20;
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);

    private final Path file;

    /** The journal of a bundle, which need not exist. */
    public EventJournal(Path bundle) {
        this.file = bundle.resolve(FILE_NAME);
    }

    /**
     * What a drain found.
     *
     * @param events given to the taker
     * @param damagedBytes behind the last whole record: one that a crash cut short
     */
    public record Drained(int events, long damagedBytes) {}

    /**
     * Gives each kept event to {@code taker}, oldest first, and empties the journal when all were
     * taken. When the taker throws, all events stay and come again. Call it once the socket for
     * live events listens: then no event is kept unseen. Needs an open step.
     *
     * @throws IOException when the file cannot be read, locked within 5 s, or is no journal; it is
     *     left as it is
     */
    public Drained drain(Consumer<Envelope> taker) throws IOException {
        Steps.require("event journal drain " + file);
        try (var channel =
                        FileChannel.open(
                                file,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                LinkOption.NOFOLLOW_LINKS);
                var _ = lock(channel)) {
            ByteBuffer bytes = read(channel);
            List<Envelope> events = records(bytes);
            events.forEach(taker);
            channel.truncate(0);
            channel.force(true);
            return new Drained(events.size(), bytes.remaining());
        } catch (NoSuchFileException absent) {
            return new Drained(0, 0);
        }
    }

    private FileLock lock(FileChannel channel) throws IOException {
        long until = System.nanoTime() + LOCK_TIMEOUT.toNanos();
        while (true) {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
            if (System.nanoTime() > until) {
                throw new IOException(
                        "event journal %s: still locked by a publisher after %s"
                                .formatted(file, LOCK_TIMEOUT));
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    private ByteBuffer read(FileChannel channel) throws IOException {
        long size = channel.size();
        if (size > LIMIT) {
            throw new IOException(
                    "event journal %s: found %d bytes, wanted at most %d; move it away"
                            .formatted(file, size, LIMIT));
        }
        var bytes = ByteBuffer.allocate((int) size);
        int n = 0;
        while (bytes.hasRemaining() && n >= 0) {
            n = channel.read(bytes);
        }
        return bytes.flip();
    }

    /** The whole records; leaves the buffer behind the last of them. */
    private List<Envelope> records(ByteBuffer bytes) throws IOException {
        var events = new ArrayList<Envelope>();
        if (bytes.remaining() < MAGIC.length) {
            return events; // just created, or cut short before its first record
        }
        var magic = new byte[MAGIC.length];
        bytes.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new IOException(
                    "event journal %s: found no journal's first bytes; move it away"
                            .formatted(file));
        }
        for (var next = record(bytes); next.isPresent(); next = record(bytes)) {
            events.add(Envelope.parseFrom(next.get()));
        }
        return events;
    }

    private static Optional<byte[]> record(ByteBuffer bytes) {
        if (bytes.remaining() < HEAD) {
            return Optional.empty();
        }
        int at = bytes.position();
        int length = bytes.getInt(at);
        if (length < 0 || length > bytes.remaining() - HEAD) {
            return Optional.empty();
        }
        var crc = new CRC32();
        crc.update(bytes.slice(at + HEAD, length));
        if ((int) crc.getValue() != bytes.getInt(at + 4)) {
            return Optional.empty();
        }
        var payload = new byte[length];
        bytes.position(at + HEAD).get(payload);
        return Optional.of(payload);
    }
}
