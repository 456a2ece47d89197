package io.berth.storage.metadata;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * The database, reopened once when the disk fills up. Writes come from the store thread alone;
 * reads come from any thread and wait only while the database is being reopened or closed.
 */
final class Store {
    private static final System.Logger LOG = System.getLogger(Store.class.getName());
    private final Path directory;
    private final Reserve reserve;
    private final ReadWriteLock reopening = new ReentrantReadWriteLock();
    private static final byte[] PROBE = {1};
    private @Nullable Rocks rocks;
    private boolean refused; // store thread only
    private @Nullable Progress progress;
    private @Nullable RecordCopy copy;
    private volatile SpaceState space = SpaceState.NORMAL;
    private volatile boolean closed;

    /** A use of the database. */
    interface Use<R> {
        R apply(Rocks rocks) throws RocksDBException;
    }

    private Store(Path directory) {
        this.directory = directory;
        this.reserve = new Reserve(directory.resolveSibling(directory.getFileName() + ".reserve"));
    }

    static Store open(Path directory) {
        var store = new Store(directory);
        try {
            Files.createDirectories(directory);
            store.openWhole();
            if (!store.reserve.build()) {
                store.space = SpaceState.FULL;
                LOG.log(
                        System.Logger.Level.WARNING,
                        "metadata: no room for the reserve; only removals are accepted");
            }
        } catch (RocksDBException failed) {
            if (!isFull(failed)) {
                throw store.translate(failed);
            }
            store.makeRoom(failed);
            store.note();
        } catch (IOException failed) {
            throw new MetadataException.Failed(directory, failed);
        }
        return store;
    }

    /** Opens the database unless something of it is missing; then its files are as they were. */
    private void openWhole() throws RocksDBException, IOException {
        var guard = StoreGuard.before(directory);
        Rocks opened = null;
        try {
            opened = Rocks.open(directory);
            guard.requireWhole(opened.sequence());
        } catch (RocksDBException | MetadataException.Corrupt failed) {
            if (opened != null) {
                opened.close();
            }
            boolean damaged = !(failed instanceof RocksDBException cause) || isDamage(cause);
            if (damaged) {
                guard.restore();
            } else {
                guard.accept(); // another process has it open, or there is no room: files are whole
            }
            throw failed;
        }
        rocks = opened;
        guard.accept();
        note();
    }

    /** Begins to note how far the store has come. */
    private void note() {
        try {
            var file = CommitNote.beside(directory);
            boolean fresh = !Files.exists(file);
            var opened = CommitNote.open(file);
            progress = new Progress(directory, opened);
            progress.note(opened().sequence());
            if (fresh) {
                opened.sync();
            }
        } catch (IOException | RocksDBException noNote) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "metadata {0}: no note of its progress: {1}",
                    directory,
                    noNote.getMessage());
        }
    }

    /** Begins to keep a copy of all records in {@code file}. Store thread only. */
    void copyTo(Path file, String id) {
        copy = new RecordCopy(file, id);
        change(
                rocks -> {
                    copyAll(rocks);
                    return true;
                });
    }

    private void copyAll(Rocks rocks) throws RocksDBException {
        var kept = copy;
        if (kept != null) {
            kept.begin();
            for (var family : rocks.families()) {
                rocks.scan(family, (key, value) -> kept.record(family, key, value));
            }
            kept.begun();
        }
    }

    <R> R read(Use<R> use) {
        reopening.readLock().lock();
        try {
            return use.apply(opened());
        } catch (RocksDBException failed) {
            throw translate(failed);
        } finally {
            reopening.readLock().unlock();
        }
    }

    /** Store thread only. What does not fit is tried once more with the reserve freed. */
    void write(List<Batch> group) {
        change(
                rocks -> {
                    if (copy != null) {
                        copy.count(group, rocks::get);
                    }
                    rocks.write(group);
                    if (progress != null) {
                        progress.note(rocks.sequence());
                    }
                    if (copy != null && !copy.append(group)) {
                        copyAll(rocks);
                    }
                    return true;
                });
    }

    /**
     * Store thread only. After a write that the disk refused, as one that is read-only does, the
     * next change opens the database anew if the disk takes writes again; reads go on until then.
     */
    <R> R change(Use<R> use) {
        if (refused) {
            openAgain();
        }
        try {
            return use.apply(opened());
        } catch (RocksDBException failed) {
            if (!isFull(failed)) {
                refused |= isRefusal(failed);
                throw translate(failed);
            }
            makeRoom(failed);
        }
        try {
            return use.apply(opened());
        } catch (RocksDBException failed) {
            throw translate(failed);
        }
    }

    SpaceState space() {
        return space;
    }

    /** Store thread only: ends FULL when there is room again. */
    void rebuildReserve() {
        if (space == SpaceState.FULL && reserve.build()) {
            space = SpaceState.NORMAL;
            LOG.log(System.Logger.Level.INFO, "metadata: reserve rebuilt, everything is accepted");
        }
    }

    void close() {
        reopening.writeLock().lock();
        try {
            closed = true;
            if (rocks != null && progress != null) {
                progress.note(rocks.sequence());
                progress.close();
            }
            if (copy != null) {
                copy.close();
            }
            if (rocks != null) {
                rocks.close();
                rocks = null;
            }
        } finally {
            reopening.writeLock().unlock();
        }
    }

    Path directory() {
        return directory;
    }

    /** RocksDB refuses everything after a failed write of its log: only a new open clears that. */
    private void makeRoom(RocksDBException full) {
        space = SpaceState.FULL;
        LOG.log(
                System.Logger.Level.ERROR,
                "metadata: the disk is full ({0}): reserve freed, only removals are accepted",
                full.getMessage());
        reopening.writeLock().lock();
        try {
            if (rocks != null) {
                rocks.close();
                rocks = null;
            }
            reserve.free();
            rocks = Rocks.open(directory);
        } catch (RocksDBException again) {
            throw isFull(again)
                    ? new MetadataException.NoSpace(directory, again)
                    : translate(again);
        } catch (IOException noReserve) {
            throw new UncheckedIOException(noReserve);
        } finally {
            reopening.writeLock().unlock();
        }
    }

    /** RocksDB takes nothing more after such a failure: only a new open clears that. */
    private void openAgain() {
        try {
            Files.delete(Files.write(Files.createTempFile(directory, "probe", ".dbtmp"), PROBE));
        } catch (IOException still) {
            throw new MetadataException.Failed(directory, still);
        }
        reopening.writeLock().lock();
        try {
            if (rocks != null) {
                rocks.close();
                rocks = null;
            }
            rocks = Rocks.open(directory);
            copyAll(rocks); // it may have the change whose write failed
        } catch (RocksDBException again) {
            throw translate(again);
        } finally {
            reopening.writeLock().unlock();
        }
        refused = false;
        LOG.log(
                System.Logger.Level.INFO,
                "metadata {0}: the disk takes writes again, opened anew",
                directory);
    }

    private Rocks opened() throws RocksDBException {
        var current = rocks;
        if (closed) {
            throw new MetadataException.Closed(directory);
        }
        if (current == null) {
            throw new RocksDBException(
                    "not reopened since the disk was full",
                    new Status(Status.Code.IOError, Status.SubCode.NoSpace, null));
        }
        return current;
    }

    private static boolean isFull(RocksDBException failed) {
        var status = failed.getStatus();
        var message = String.valueOf(failed.getMessage());
        return (status != null && status.getSubCode() == Status.SubCode.NoSpace)
                || message.contains("No space left on device")
                || message.contains("Disk quota exceeded");
    }

    private static boolean isRefusal(RocksDBException failed) {
        var status = failed.getStatus();
        return status != null && status.getCode() == Status.Code.IOError && !isDamage(failed);
    }

    private static boolean isDamage(RocksDBException failed) {
        var status = failed.getStatus();
        return (status != null && status.getCode() == Status.Code.Corruption)
                || String.valueOf(failed.getMessage()).contains("No such file or directory");
    }

    private MetadataException translate(RocksDBException failed) {
        var message = String.valueOf(failed.getMessage());
        if (isFull(failed)) {
            return new MetadataException.NoSpace(directory, failed);
        }
        if (message.contains("lock")
                && (message.contains("LOCK") || message.contains("lock hold by"))) {
            return new MetadataException.Locked(
                    directory, LockHolder.describe(directory.resolve("LOCK")));
        }
        if (isDamage(failed)) {
            return new MetadataException.Corrupt(directory, failed);
        }
        return new MetadataException.Failed(directory, failed);
    }
}
