package io.berth.storage.content;

import io.berth.linux.BlockingCalls;
import io.berth.storage.metadata.Ledger;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Blobs by digest: written once through an {@link Ingest}, never changed. Any thread; the index of
 * blobs is in memory, so that finding and listing never wait. Each ingest is in the ledger before
 * its directory is made.
 */
public final class ContentStore implements Closeable {
    /** No blob is larger than this, whatever is announced. */
    public static final long MAX_BLOB_BYTES = 64L << 30;

    private static final System.Logger LOG = System.getLogger(ContentStore.class.getName());
    private static final String KIND = "ingest";
    private static final String PARTY = "content";
    private static final int SYNC_SLOTS = 4;
    private static final int LOCKS = 64;
    private static final Duration SYNC_TIMEOUT = Duration.ofMinutes(5);

    private final ContentFiles files;
    private final Ledger ledger;
    private final Clock clock;
    private final BlockingCalls calls = new BlockingCalls(SYNC_SLOTS, SYNC_SLOTS);
    private final Map<Digest, Stored> index = new ConcurrentHashMap<>();
    private final Map<String, String> writing = new ConcurrentHashMap<>();
    private final AtomicLong usedBytes = new AtomicLong();

    private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

    private record Stored(Blob blob, Instant committed) {}

    private ContentStore(Path root, Ledger ledger, Clock clock) {
        this.files = new ContentFiles(root);
        this.ledger = ledger;
        this.clock = clock;
        Arrays.setAll(locks, _ -> new ReentrantLock());
    }

    /** An ingest that is open or can be resumed. */
    public record Pending(String ref, long offset, boolean open) {}

    /**
     * Opens the store below {@code root}, creating it if it is missing, and sweeps what a crash
     * left: ingests that cannot be resumed are deleted, ledger entries without one are struck out.
     *
     * @throws ContentException.Failed when the file system refuses
     */
    public static ContentStore open(Path root, Ledger ledger, Clock clock) {
        var store = new ContentStore(root, ledger, clock);
        try {
            store.files.create();
            store.sweep();
            store.load();
        } catch (IOException failed) {
            throw new ContentException.Failed(root, failed);
        }
        return store;
    }

    /** The blob, if it is there; from memory. */
    public Optional<Blob> find(Digest digest) {
        return Optional.ofNullable(index.get(digest)).map(Stored::blob);
    }

    /** When the blob became one, if it is there; by this machine's clock. */
    public Optional<Instant> committedAt(Digest digest) {
        return Optional.ofNullable(index.get(digest)).map(Stored::committed);
    }

    /**
     * A channel for reading; the bytes stay readable through it when the blob is deleted meanwhile.
     *
     * @throws ContentException.NotFound when it is not there
     */
    public SeekableByteChannel open(Digest digest) {
        if (!index.containsKey(digest)) {
            throw new ContentException.NotFound(digest);
        }
        try {
            return FileChannel.open(files.blob(digest), StandardOpenOption.READ);
        } catch (NoSuchFileException deleted) {
            throw new ContentException.NotFound(digest);
        } catch (IOException failed) {
            throw new ContentException.Failed(digest, failed);
        }
    }

    /**
     * All its bytes.
     *
     * @throws ContentException.NotFound when it is not there
     * @throws ContentException.SizeMismatch when there are more than {@code maxBytes}
     */
    public byte[] readAll(Digest digest, int maxBytes) {
        try (var channel = open(digest)) {
            long size = channel.size();
            if (size > maxBytes) {
                throw new ContentException.SizeMismatch(digest, size, maxBytes);
            }
            var bytes = ByteBuffer.allocate((int) size);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // reads on until the buffer is full
            }
            if (bytes.hasRemaining()) {
                throw new ContentException.Failed(
                        digest,
                        new IOException(
                                "found %d bytes, wanted %d".formatted(bytes.position(), size)));
            }
            return bytes.array();
        } catch (IOException failed) {
            throw new ContentException.Failed(digest, failed);
        }
    }

    /**
     * Starts writing a blob, or goes on where an earlier ingest of the same ref stopped: the bytes
     * that are there are hashed again.
     *
     * @param ref the caller's name for it, one writer at a time
     * @param expectedSize no more is accepted and no less is committed
     * @param expected checked at commit
     * @throws ContentException.Busy when another writer has the ref open
     */
    public Ingest ingest(String ref, OptionalLong expectedSize, Optional<Digest> expected) {
        if (expectedSize.isPresent()
                && (expectedSize.getAsLong() < 0 || expectedSize.getAsLong() > MAX_BLOB_BYTES)) {
            throw new ContentException.SizeMismatch(
                    ref, expectedSize.getAsLong(), "0 to " + MAX_BLOB_BYTES);
        }
        var id = ContentFiles.ingestId(ref);
        if (writing.putIfAbsent(id, ref) != null) {
            throw new ContentException.Busy(ref);
        }
        try {
            if (ledger.find(KIND, id).isEmpty()) {
                ledger.intend(new Ledger.Entry(KIND, id, ref, clock.instant()));
            }
            files.createIngest(id, ref);
            return Ingest.open(
                    this,
                    new Ingest.Expectation(
                            ref, id, expectedSize, expected, expectedSize.orElse(MAX_BLOB_BYTES)));
        } catch (IOException failed) {
            writing.remove(id);
            throw new ContentException.Failed(ref, failed);
        } catch (RuntimeException failed) {
            writing.remove(id);
            throw failed;
        }
    }

    /** Deletes a blob; absent is fine. Whoever reads it now can read on. */
    public void delete(Digest digest) {
        var _ = deleteIf(digest, _ -> true);
    }

    /**
     * Deletes a blob if {@code wanted} accepts when it was committed, which does not change
     * meanwhile; says whether a blob was deleted.
     */
    public boolean deleteIf(Digest digest, Predicate<Instant> wanted) {
        var lock = lockOf(digest);
        lock.lock();
        try {
            var stored = index.get(digest);
            if (stored == null || !wanted.test(stored.committed())) {
                return false;
            }
            Files.deleteIfExists(files.blob(digest));
            index.remove(digest);
            usedBytes.addAndGet(-stored.blob().sizeBytes());
            return true;
        } catch (IOException failed) {
            throw new ContentException.Failed(digest, failed);
        } finally {
            lock.unlock();
        }
    }

    /** All blobs, in no order; from memory. */
    public Stream<Blob> blobs() {
        return index.values().stream().map(Stored::blob);
    }

    /** The sum of the sizes of all blobs; from memory. */
    public long usedBytes() {
        return usedBytes.get();
    }

    /** Ingests that are open or can be resumed. */
    public List<Pending> ingests() {
        return ledger.entries().stream()
                .filter(entry -> entry.kind().equals(KIND))
                .map(
                        entry ->
                                new Pending(
                                        entry.owner(),
                                        sizeOf(files.data(entry.key())),
                                        writing.containsKey(entry.key())))
                .toList();
    }

    /**
     * Deletes what an interrupted ingest of {@code ref} left; absent is fine.
     *
     * @throws ContentException.Busy when a writer has it open
     */
    public void abandon(String ref) {
        var id = ContentFiles.ingestId(ref);
        if (writing.putIfAbsent(id, ref) != null) {
            throw new ContentException.Busy(ref);
        }
        try {
            remove(id);
        } catch (IOException failed) {
            throw new ContentException.Failed(ref, failed);
        } finally {
            writing.remove(id);
        }
    }

    /** Ingests that are open are not waited for: their data stays for a resume. */
    @Override
    public void close() {
        calls.close();
    }

    ContentFiles files() {
        return files;
    }

    /** Sync, rename, sync the directory; then the ingest is removed and struck out. */
    Blob commit(Ingest ingest, Digest digest) throws IOException {
        var id = ingest.expectation().id();
        calls.run(PARTY, "sync of " + digest, SYNC_TIMEOUT, ingest::sync);
        var blob = new Blob(digest, ingest.offset(), files.blob(digest));
        var lock = lockOf(digest);
        lock.lock();
        try {
            calls.run(PARTY, "rename to " + digest, SYNC_TIMEOUT, () -> files.publish(id, digest));
            if (index.put(digest, new Stored(blob, clock.instant())) == null) {
                usedBytes.addAndGet(blob.sizeBytes());
            }
        } finally {
            lock.unlock();
        }
        try {
            remove(id);
        } catch (IOException | RuntimeException leftForTheSweep) {
            LOG.log(System.Logger.Level.WARNING, "ingest " + ingest.ref(), leftForTheSweep);
        }
        return blob;
    }

    void abandoned(Ingest ingest) {
        try {
            remove(ingest.expectation().id());
        } catch (IOException | RuntimeException leftForTheSweep) {
            LOG.log(System.Logger.Level.WARNING, "ingest " + ingest.ref(), leftForTheSweep);
        } finally {
            writing.remove(ingest.expectation().id());
        }
    }

    void closed(Ingest ingest) {
        writing.remove(ingest.expectation().id());
    }

    /** Publishing and deleting one digest exclude each other. */
    private ReentrantLock lockOf(Digest digest) {
        return locks[Math.floorMod(digest.hashCode(), LOCKS)];
    }

    private void remove(String id) throws IOException {
        files.deleteIngest(id);
        ledger.strike(KIND, id);
    }

    private void sweep() throws IOException {
        for (var id : files.ingestIds()) {
            var known = ledger.find(KIND, id);
            if (known.isEmpty() || files.resumableRef(id).isEmpty()) {
                remove(id);
                LOG.log(
                        System.Logger.Level.INFO,
                        "content: swept ingest {0} of {1}",
                        id,
                        known.map(Ledger.Entry::owner).orElse("nobody"));
            }
        }
        for (var entry : ledger.entries()) {
            if (entry.kind().equals(KIND) && !Files.exists(files.data(entry.key()))) {
                remove(entry.key());
            }
        }
    }

    private void load() throws IOException {
        for (var name : files.blobNames()) {
            try {
                var digest = new Digest(Digest.SHA256, name);
                var path = files.blob(digest);
                var blob = new Blob(digest, Files.size(path), path);
                index.put(digest, new Stored(blob, changed(path)));
                usedBytes.addAndGet(blob.sizeBytes());
            } catch (IllegalArgumentException foreign) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "content: {0} is no blob and is left alone",
                        name);
            }
        }
    }

    /** The inode's change time: when it was renamed to be a blob. */
    private static Instant changed(Path path) throws IOException {
        return ((FileTime) Files.getAttribute(path, "unix:ctime")).toInstant();
    }

    private static long sizeOf(Path path) {
        try {
            return Files.size(path);
        } catch (IOException gone) {
            return 0;
        }
    }
}
