package io.berth.storage.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.rocksdb.RocksDBException;

/**
 * Looks at a store that no daemon has open, and makes a new one of what can be read of a damaged
 * one. The caller holds the locks of the root and the state folder.
 *
 * <p>The records come from the copy in the state folder if it is whole and of this root: then
 * nothing is lost. Else they are those that RocksDB can still read. The damaged store is set aside
 * as {@code meta.damaged-TIME} and never deleted. A crash at any line leaves the damaged store
 * under its name, or the new one.
 */
public final class StoreSalvage {
    private static final System.Logger LOG = System.getLogger(StoreSalvage.class.getName());
    private static final String DEFAULT = "default";
    private final Path directory;

    /**
     * @param directory of the store, as given to {@link Metadata#open}
     */
    public StoreSalvage(Path directory) {
        this.directory = directory;
    }

    /**
     * What came of it.
     *
     * @param families how many records each has now
     * @param fromCopy whether they come from the copy in the state folder
     * @param aside where the damaged store is now
     */
    public record Salvaged(Map<String, Integer> families, boolean fromCopy, Optional<Path> aside) {}

    /** What is wrong with the store, a line each; empty if it is whole. Changes nothing. */
    public List<String> check() throws IOException {
        var problems = new ArrayList<String>();
        var trial = directory.resolveSibling(directory.getFileName() + ".checking");
        try {
            StoreGuard.look(directory);
            new StoreFiles(directory).copyTo(trial, true);
            try (var rocks = Rocks.open(trial)) {
                StoreGuard.look(directory, rocks.sequence());
                rocks.verify();
                for (var family : rocks.families()) {
                    rocks.scan(family, (_, _) -> {});
                }
            }
        } catch (MetadataException.Corrupt damaged) {
            problems.add(damaged.getMessage());
        } catch (RocksDBException damaged) {
            problems.add(new MetadataException.Corrupt(directory, damaged).getMessage());
        } finally {
            StoreFiles.delete(trial);
        }
        return problems;
    }

    /**
     * Makes a new store of what can be read. Also of a store that is whole, without loss.
     *
     * @param copy the copy in the state folder; absent is fine
     * @param id of the root, which the copy must carry; empty takes any
     * @param files whether the root has the files that records of images and snapshots tell of;
     *     else those records are left out
     */
    public Salvaged salvage(Path copy, Optional<String> id, boolean files, Clock clock)
            throws IOException {
        var fresh = directory.resolveSibling(directory.getFileName() + ".salvaged");
        StoreFiles.delete(fresh);
        var content = copyOf(copy, id).map(RecordCopy.Content::families);
        var families = content.isPresent() ? content.get() : readable();
        if (!files) {
            families.keySet().removeIf(StoreSalvage::tellsOfFiles);
        }
        Files.createDirectories(fresh);
        long sequence;
        try (var rocks = Rocks.open(fresh)) {
            for (var family : families.entrySet()) {
                rocks.putAll(family.getKey(), family.getValue());
            }
            sequence = rocks.sequence();
        } catch (RocksDBException failed) {
            throw new MetadataException.Failed(fresh, failed);
        }
        var aside = setAside(clock);
        Files.move(fresh, directory);
        noteOf(sequence);
        var counts = new TreeMap<String, Integer>();
        families.forEach((name, records) -> counts.put(name, records.size()));
        counts.remove(DEFAULT);
        return new Salvaged(counts, content.isPresent(), aside);
    }

    /** Whether there is a copy of this id that a salvage can go by. */
    public boolean copyIsWhole(Path copy, Optional<String> id) throws IOException {
        return copyOf(copy, id).isPresent();
    }

    private static Optional<RecordCopy.Content> copyOf(Path copy, Optional<String> id)
            throws IOException {
        return RecordCopy.read(copy).filter(found -> id.map(found.id()::equals).orElse(true));
    }

    private static boolean tellsOfFiles(String family) {
        return family.equals("images")
                || family.equals("leases")
                || family.startsWith("snapshots-");
    }

    private Optional<Path> setAside(Clock clock) throws IOException {
        if (!new StoreFiles(directory).used()) {
            StoreFiles.delete(directory);
            return Optional.empty();
        }
        var time =
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
                        .withZone(ZoneOffset.UTC)
                        .format(clock.instant());
        var aside = directory.resolveSibling(directory.getFileName() + ".damaged-" + time);
        Files.move(directory, aside);
        return Optional.of(aside);
    }

    private void noteOf(long sequence) throws IOException {
        var manifest = new StoreFiles(directory).manifest().orElseThrow();
        try (var note = CommitNote.open(CommitNote.beside(directory))) {
            note.write(
                    new CommitNote.Content(
                            sequence,
                            sequence,
                            String.valueOf(manifest.getFileName()),
                            Files.size(manifest)));
            note.sync();
        }
    }

    /** What RocksDB can still read, of a second set of the files. */
    private Map<String, Map<String, byte[]>> readable() throws IOException {
        for (var reading : List.of(Rocks.Reading.DAMAGED_LOG, Rocks.Reading.TABLES)) {
            var found = readable(reading);
            if (found.values().stream().anyMatch(records -> !records.isEmpty())) {
                return found;
            }
        }
        var found = new TreeMap<String, Map<String, byte[]>>();
        tables(found);
        return found;
    }

    private Map<String, Map<String, byte[]>> readable(Rocks.Reading reading) throws IOException {
        var trial = directory.resolveSibling(directory.getFileName() + ".reading");
        var found = new TreeMap<String, Map<String, byte[]>>();
        try {
            new StoreFiles(directory).copyTo(trial, true);
            if (new StoreFiles(trial).manifest().filter(Files::exists).isEmpty()) {
                currentOf(trial);
            }
            try (var rocks = Rocks.open(trial, reading)) {
                for (var family : rocks.families()) {
                    found.put(family, readable(rocks, family));
                }
            }
        } catch (RocksDBException | IllegalArgumentException unreadable) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "metadata {0}: {1}",
                    directory,
                    unreadable.getMessage());
        } finally {
            StoreFiles.delete(trial);
        }
        return found;
    }

    /** The tables by themselves, later ones over earlier ones. */
    private void tables(Map<String, Map<String, byte[]>> found) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var files = Files.list(directory)) {
            var tables = files.filter(file -> file.toString().endsWith(".sst")).sorted().toList();
            for (var table : tables) {
                try {
                    Rocks.scanTable(table, found);
                } catch (RocksDBException damaged) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "metadata {0}: {1}",
                            table,
                            damaged.getMessage());
                }
            }
        }
    }

    /** A lost CURRENT names the newest MANIFEST again. */
    private static void currentOf(Path trial) throws IOException {
        try (var files = Files.list(trial)) {
            var newest =
                    files.map(file -> String.valueOf(file.getFileName()))
                            .filter(name -> name.startsWith("MANIFEST-"))
                            .max(String::compareTo);
            if (newest.isPresent()) {
                Files.writeString(trial.resolve("CURRENT"), newest.get() + "\n");
            }
        }
    }

    private Map<String, byte[]> readable(Rocks rocks, String family) {
        var records = new TreeMap<String, byte[]>();
        try {
            rocks.scan(family, records::put);
        } catch (RocksDBException rest) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "metadata {0}: {1}: {2} records can be read, the rest not: {3}",
                    directory,
                    family,
                    Integer.toString(records.size()),
                    rest.getMessage());
        }
        return records;
    }
}
