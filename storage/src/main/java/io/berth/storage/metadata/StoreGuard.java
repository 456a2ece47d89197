package io.berth.storage.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tells a damaged store from a healthy one when it is opened, and leaves the damaged one as it was
 * found. RocksDB alone takes a lost log, a cut MANIFEST and a lost CURRENT for a store with less in
 * it, or for a new one; the {@link CommitNote} says how much there has to be.
 *
 * <p>What is tolerated: a write cut within its last record, and what the note does not know yet
 * because a power cut took it.
 */
final class StoreGuard {
    private static final System.Logger LOG = System.getLogger(StoreGuard.class.getName());

    private final Path directory;
    private final StoreFiles files;
    private final Path untouched;
    private final Optional<CommitNote.Content> noted;

    private StoreGuard(Path directory, Path untouched, Optional<CommitNote.Content> noted) {
        this.directory = directory;
        this.files = new StoreFiles(directory);
        this.untouched = untouched;
        this.noted = noted;
    }

    /** Looks before RocksDB does, and keeps a second set of the files until {@link #accept}. */
    static StoreGuard before(Path directory) throws IOException {
        var name = directory.getFileName() + ".opening-";
        var untouched = directory.resolveSibling(name + boot());
        undo(directory, untouched);
        dropOthers(directory, name, untouched);
        var guard =
                new StoreGuard(directory, untouched, CommitNote.read(CommitNote.beside(directory)));
        guard.requireFiles();
        if (guard.files.used()) {
            try {
                var growing = directory.resolveSibling(directory.getFileName() + ".copying");
                guard.files.copyTo(growing, false);
                Files.move(growing, untouched); // whole from the moment that it has its name
            } catch (IOException full) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "metadata {0}: opened without a second set of its files: {1}",
                        directory,
                        full.getMessage());
            }
        }
        return guard;
    }

    /** Looks at the files alone; changes nothing. */
    static void look(Path directory) throws IOException {
        of(directory).requireFiles();
    }

    /** Compares what RocksDB has read of a second set with the note; changes nothing. */
    static void look(Path directory, long sequence) throws IOException {
        of(directory).requireWhole(sequence);
    }

    private static StoreGuard of(Path directory) throws IOException {
        var noted = CommitNote.read(CommitNote.beside(directory));
        return new StoreGuard(directory, directory, noted);
    }

    /** A start that was killed while it opened the store has changed what nobody has seen. */
    private static void undo(Path directory, Path untouched) throws IOException {
        if (Files.exists(untouched.resolve("CURRENT"))) {
            StoreFiles.delete(directory);
            Files.move(untouched, directory);
        }
    }

    /** Those of another boot may not be whole, and their store has been synced. */
    private static void dropOthers(Path directory, String prefix, Path untouched)
            throws IOException {
        try (var beside = Files.newDirectoryStream(parent(directory), prefix + "*")) {
            for (var other : beside) {
                if (!other.equals(untouched)) {
                    StoreFiles.delete(other);
                }
            }
        }
        StoreFiles.delete(untouched);
        StoreFiles.delete(dropped(directory));
    }

    private void requireFiles() throws IOException {
        var manifest = files.manifest();
        if (manifest.isEmpty() || !Files.isRegularFile(manifest.get())) {
            if (files.used()) {
                throw new MetadataException.Corrupt(
                        directory,
                        manifest.map(file -> "CURRENT names " + file.getFileName() + ", not found")
                                .orElse("CURRENT is missing or names no MANIFEST"));
            }
            if (noted.filter(note -> note.sequence() > 0).isPresent()) {
                throw new MetadataException.Corrupt(
                        directory, "found no records, wanted those that its note tells of");
            }
            return;
        }
        if (noted.isPresent()) {
            requireManifest(manifest.get(), noted.get());
        }
        requireLogs();
    }

    /** Of all logs but the last, which may be torn, nothing may be missing. */
    private void requireLogs() throws IOException {
        var logs = files.logs();
        for (int i = 0; i + 1 < logs.size(); i++) {
            var log = logs.get(i);
            boolean unreadable = Files.size(log) > 0 && LogTail.end(log) == 0;
            if (unreadable || LogTail.gap(log, logs.get(i + 1))) {
                throw new MetadataException.Corrupt(
                        directory, log.getFileName() + ": its end is missing or cannot be read");
            }
        }
    }

    private void requireManifest(Path manifest, CommitNote.Content note) throws IOException {
        var name = String.valueOf(manifest.getFileName());
        long bytes = LogTail.end(manifest);
        if (name.equals(note.manifest()) && bytes < note.manifestBytes()) {
            throw new MetadataException.Corrupt(
                    directory,
                    "%s: found %d bytes that can be read, wanted %d or more"
                            .formatted(name, bytes, note.manifestBytes()));
        }
        if (name.compareTo(note.manifest()) < 0 && name.length() == note.manifest().length()) {
            throw new MetadataException.Corrupt(
                    directory,
                    "CURRENT: found %s, wanted %s or a later one".formatted(name, note.manifest()));
        }
    }

    /**
     * Compares what RocksDB has read with the note.
     *
     * @throws MetadataException.Corrupt when records are missing; close the store, then {@link
     *     #restore}
     */
    void requireWhole(long sequence) throws IOException {
        if (noted.isEmpty() || sequence >= noted.get().sequence()) {
            return;
        }
        var logs = new StoreFiles(untouched).logs();
        boolean torn = !logs.isEmpty() && LogTail.torn(logs.getLast());
        if (torn && sequence >= noted.get().before()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "metadata {0}: the last write was cut and is dropped",
                    directory);
            return;
        }
        throw new MetadataException.Corrupt(
                directory,
                "found %d changes, wanted %d: the log has lost its end or is missing"
                        .formatted(sequence, noted.get().sequence()));
    }

    /** The store is good: the second set goes. */
    void accept() throws IOException {
        if (Files.isDirectory(untouched)) {
            Files.move(untouched, dropped(directory)); // from here on it is not restored
            StoreFiles.delete(dropped(directory));
        }
    }

    /** Puts the files back as they were before RocksDB saw them. */
    void restore() throws IOException {
        undo(directory, untouched);
        StoreFiles.delete(untouched);
    }

    private static Path dropped(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".opened");
    }

    private static Path parent(Path directory) {
        var parent = directory.toAbsolutePath().getParent();
        return parent == null ? directory : parent;
    }

    private static String boot() throws IOException {
        var id = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        return id.substring(0, 8);
    }
}
