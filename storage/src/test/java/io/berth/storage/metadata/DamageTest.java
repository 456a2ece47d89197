package io.berth.storage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every damage of every file of the store: the start stops and leaves the files as they are, or all
 * records are there. The store is taken as a killed daemon leaves it.
 */
final class DamageTest {
    private static final Family<Thing> THINGS = new Family<>("things", 1, Thing.class);
    private static final Family<Thing> OTHERS = new Family<>("others", 1, Thing.class);
    private static final String ID = "11111111-2222-3333-4444-555555555555";
    private static final Map<Past, Path> TEMPLATES = new EnumMap<>(Past.class);
    private static final Map<Past, Set<Integer>> TOLD = new EnumMap<>(Past.class);
    @TempDir Path top;

    record Thing(int number, String filling) {}

    /** What a daemon has done with its store before it is killed. */
    enum Past {
        /** A first start: everything is in the log. */
        FRESH,
        /** Started before: tables and a log. */
        STARTED,
        /** Started before, and then nothing was written. */
        QUIET,
        /** Much was written: tables of this start, and more than one log. */
        LONG
    }

    /** Something that happens to a file. */
    enum Damage {
        HALVED {
            @Override
            void to(Path file) throws IOException {
                try (var open = new RandomAccessFile(file.toFile(), "rw")) {
                    open.setLength(used(open) / 2);
                }
            }
        },
        CUT_TO_A_TENTH {
            @Override
            void to(Path file) throws IOException {
                try (var open = new RandomAccessFile(file.toFile(), "rw")) {
                    open.setLength(used(open) / 10);
                }
            }
        },
        EMPTIED {
            @Override
            void to(Path file) throws IOException {
                Files.write(file, new byte[0]);
            }
        },
        ZEROED {
            @Override
            void to(Path file) throws IOException {
                Files.write(file, new byte[(int) Files.size(file)]);
            }
        },
        ZEROED_FROM_THE_MIDDLE {
            @Override
            void to(Path file) throws IOException {
                try (var open = new RandomAccessFile(file.toFile(), "rw")) {
                    long used = used(open);
                    open.seek(used / 2);
                    open.write(new byte[(int) (used - used / 2)]);
                }
            }
        },
        REMOVED {
            @Override
            void to(Path file) throws IOException {
                Files.delete(file);
            }
        };

        abstract void to(Path file) throws IOException;
    }

    static Stream<Arguments> matrix() {
        return Stream.of(Past.values())
                .flatMap(
                        past ->
                                Stream.of("log", "first-log", "manifest", "current", "table")
                                        .flatMap(
                                                file ->
                                                        Stream.of(Damage.values())
                                                                .map(
                                                                        damage ->
                                                                                Arguments.of(
                                                                                        past, file,
                                                                                        damage))));
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void aDamageIsNoticedOrCostsNoRecord(Past past, String kind, Damage damage) throws IOException {
        var wanted = killed(past);
        var victim = victim(kind);
        if (victim.isEmpty()) {
            return; // this past leaves no file of this kind
        }
        damage.to(victim.get());
        var before = contents(meta());
        Set<Integer> found;
        try (var metadata = Metadata.open(meta())) {
            found = numbers(metadata);
        } catch (MetadataException.Corrupt noticed) {
            assertThat(noticed)
                    .hasMessageContaining(meta() + ": damaged: ")
                    .hasMessageContaining("berth store salvage");
            assertThat(contents(meta())).as("the damaged files").isEqualTo(before);
            salvage(wanted);
            return;
        }
        requireAll(found, wanted);
    }

    private static void requireAll(Set<Integer> found, Set<Integer> wanted) {
        var missing = new TreeSet<>(wanted);
        missing.removeAll(found);
        assertThat(missing).as("records that are missing in a store that opened").isEmpty();
        assertThat(found).hasSize(wanted.size());
    }

    /**
     * With the copy nothing is lost; without it, what can be read is kept; both go on from there.
     */
    private void salvage(Set<Integer> wanted) throws IOException {
        assertThat(new StoreSalvage(meta()).check()).isNotEmpty();
        var damaged = contents(meta());
        var salvaged =
                new StoreSalvage(meta())
                        .salvage(top.resolve("records"), Optional.of(ID), true, Clock.systemUTC());
        assertThat(salvaged.fromCopy()).isTrue();
        if (salvaged.aside().isPresent()) {
            assertThat(contents(salvaged.aside().get())).isEqualTo(damaged);
        }
        try (var metadata = Metadata.open(meta())) {
            requireAll(numbers(metadata), wanted);
            metadata.commit(new Batch().put(metadata.table(THINGS), "new", new Thing(-1, "")));
        }
        assertThat(new StoreSalvage(meta()).check()).isEmpty();
        if (salvaged.aside().isPresent()) {
            StoreFiles.delete(meta());
            Files.move(salvaged.aside().get(), meta());
            new StoreSalvage(meta())
                    .salvage(top.resolve("none"), Optional.of(ID), true, Clock.systemUTC());
            try (var metadata = Metadata.open(meta())) {
                assertThat(wanted).containsAll(numbers(metadata));
            }
        }
    }

    @Test
    void aWholeStoreIsSalvagedWithoutLossAndWithoutItsCopy() throws IOException {
        var wanted = killed(Past.LONG);
        assertThat(new StoreSalvage(meta()).check()).isEmpty();
        var salvaged =
                new StoreSalvage(meta())
                        .salvage(top.resolve("none"), Optional.of(ID), true, Clock.systemUTC());
        assertThat(salvaged.fromCopy()).isFalse();
        try (var metadata = Metadata.open(meta())) {
            requireAll(numbers(metadata), wanted);
        }
    }

    @Test
    void aStoreWithoutItsNoteOpens() throws IOException {
        var wanted = killed(Past.STARTED);
        Files.delete(CommitNote.beside(meta()));
        try (var metadata = Metadata.open(meta())) {
            requireAll(numbers(metadata), wanted);
        }
    }

    @Test
    void aStoreThatIsGoneIsNoticedByItsNote() throws IOException {
        killed(Past.STARTED);
        StoreFiles.delete(meta());
        assertThatThrownBy(() -> Metadata.open(meta()).close())
                .isInstanceOf(MetadataException.Corrupt.class);
    }

    @Test
    void aCopyOfAnotherRootIsNotTaken() throws IOException {
        killed(Past.FRESH);
        var salvaged =
                new StoreSalvage(meta())
                        .salvage(
                                top.resolve("records"),
                                Optional.of("other"),
                                true,
                                Clock.systemUTC());
        assertThat(salvaged.fromCopy()).isFalse();
    }

    @BeforeAll
    static void live(@TempDir Path templates) throws IOException {
        for (var past : Past.values()) {
            var target = Files.createDirectory(templates.resolve(past.name()));
            TOLD.put(past, live(past, templates.resolve("live-" + past), target));
            TEMPLATES.put(past, target);
        }
    }

    /** Makes a store, and copies what is on disk while it is open, as a kill leaves it. */
    private static Set<Integer> live(Past past, Path live, Path target) throws IOException {
        var told = new HashSet<Integer>();
        if (past != Past.FRESH) {
            for (int start = 0; start < 2; start++) {
                try (var metadata = Metadata.open(live.resolve("meta"))) {
                    write(metadata, told, 10, 50);
                }
            }
        }
        Files.createDirectories(live);
        try (var metadata = Metadata.open(live.resolve("meta"))) {
            metadata.copyTo(live.resolve("records"), ID);
            if (past == Past.LONG) {
                write(metadata, told, 60, 60_000);
            }
            write(metadata, told, past == Past.QUIET ? 0 : 20, 300);
            copy(live, target);
        }
        return told;
    }

    /** The store of a killed daemon; returns what it was told. */
    private Set<Integer> killed(Past past) throws IOException {
        copy(Objects.requireNonNull(TEMPLATES.get(past)), top);
        return Objects.requireNonNull(TOLD.get(past));
    }

    private static void write(Metadata metadata, Set<Integer> told, int count, int size) {
        var things = metadata.table(THINGS);
        var others = metadata.table(OTHERS);
        for (int i = 0; i < count; i++) {
            int number = told.size();
            var thing = new Thing(number, "x".repeat(size));
            metadata.commit(new Batch().put(number % 7 == 0 ? others : things, "" + number, thing));
            told.add(number);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : (Iterable<Path>) files::iterator) {
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    if (!Files.isDirectory(target)) {
                        Files.createDirectory(target);
                    }
                } else if (!file.endsWith("LOCK") && !file.toString().endsWith(".reserve")) {
                    Files.copy(file, target);
                }
            }
        }
    }

    private Path meta() {
        return top.resolve("meta");
    }

    private static Set<Integer> numbers(Metadata metadata) {
        var found = new HashSet<Integer>();
        for (var family : List.of(THINGS, OTHERS)) {
            metadata.table(family).all().values().forEach(thing -> found.add(thing.number()));
        }
        return found;
    }

    private Optional<Path> victim(String kind) throws IOException {
        var suffix =
                switch (kind) {
                    case "manifest" -> "MANIFEST-";
                    case "current" -> "CURRENT";
                    case "table" -> ".sst";
                    default -> ".log";
                };
        try (var files = Files.list(meta())) {
            var found =
                    files.filter(
                                    file ->
                                            String.valueOf(file.getFileName()).startsWith(suffix)
                                                    || file.toString().endsWith(suffix))
                            .sorted()
                            .toList();
            if (found.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(kind.equals("first-log") ? found.getFirst() : found.getLast());
        }
    }

    private static Map<String, Integer> contents(Path folder) throws IOException {
        var found = new TreeMap<String, Integer>();
        try (var files = Files.list(folder)) {
            for (var file : (Iterable<Path>) files::iterator) {
                var name = String.valueOf(file.getFileName());
                if (!name.startsWith("LO")) {
                    found.put(name, java.util.Arrays.hashCode(Files.readAllBytes(file)));
                }
            }
        }
        return found;
    }

    /** Without the zeroes that RocksDB reserves at the end. */
    private static long used(RandomAccessFile file) throws IOException {
        byte[] bytes = new byte[(int) file.length()];
        file.seek(0);
        file.readFully(bytes);
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        return length;
    }
}
