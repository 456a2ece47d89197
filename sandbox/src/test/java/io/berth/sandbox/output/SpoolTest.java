package io.berth.sandbox.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.LinuxCalls;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SpoolTest {
    private static final int CHUNK = 32 << 10;
    private static final int LONG = Spool.MEMORY_BYTES + 3 * CHUNK + 17;

    @TempDir Path folder;

    /** Commands may fill nearly as much of it as two take that are in memory. */
    private final MemoryBudget memory =
            new MemoryBudget(2L * Spool.MEMORY_BYTES * 20 * 4 / 3, Duration.ZERO);

    private final ByteLimit disk = new ByteLimit(2L * LONG);

    private Spools spools() {
        return new Spools(new LinuxCalls(), folder, memory, disk);
    }

    private static byte[] random(int length) {
        var bytes = new byte[length];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    private static void write(Spool to, byte[] bytes) throws IOException {
        for (int at = 0; at < bytes.length; at += CHUNK) {
            var chunk = Arrays.copyOfRange(bytes, at, Math.min(at + CHUNK, bytes.length));
            to.write(chunk, chunk.length);
        }
    }

    @Test
    void fewBytesStayInMemory() throws IOException {
        try (var spool = spools().open("few")) {
            write(spool, random(1000));
            assertThat(spool.first(2000).toByteArray()).isEqualTo(random(1000));
            assertThat(spool.first(10).toByteArray()).isEqualTo(Arrays.copyOf(random(1000), 10));
            assertThat(memory.held(ForeignKind.OUTPUT)).isEqualTo(1000);
            assertThat(disk.held()).isZero();
        }
        assertThat(memory.held(ForeignKind.OUTPUT)).isZero();
    }

    @Test
    void manyBytesGoOnInAFileThatHasNoName() throws IOException {
        var bytes = random(LONG);
        try (var spool = spools().open("many")) {
            write(spool, bytes);
            assertThat(spool.size()).isEqualTo(LONG);
            assertThat(spool.first(LONG).toByteArray()).isEqualTo(bytes);
            int beyond = Spool.MEMORY_BYTES + 5;
            assertThat(spool.first(beyond).toByteArray()).isEqualTo(Arrays.copyOf(bytes, beyond));
            assertThat(disk.held()).isEqualTo(LONG - Spool.MEMORY_BYTES);
            assertThat(folder).isEmptyDirectory();
        }
        assertThat(memory.held(ForeignKind.OUTPUT)).isZero();
        assertThat(disk.held()).isZero();
    }

    @Test
    void withoutRoomInMemoryEvenFewGoIntoAFile() throws IOException {
        try (var others = memory.take(ForeignKind.OUTPUT, 2 * Spool.MEMORY_BYTES);
                var spool = spools().open("few")) {
            assertThat(others.bytes()).isPositive();
            write(spool, random(1000));
            assertThat(spool.first(1000).toByteArray()).isEqualTo(random(1000));
            assertThat(disk.held()).isEqualTo(1000);
        }
    }

    @Test
    void manyCommandsLeaveMemoryForProgramsOfTheNode() throws IOException {
        var spools = spools();
        try (var first = spools.open("1");
                var second = spools.open("2");
                var third = spools.open("3")) {
            for (var each : List.of(first, second, third)) {
                write(each, random(Spool.MEMORY_BYTES));
            }
            assertThat(memory.tryTake(ForeignKind.OUTPUT, Spool.MEMORY_BYTES / 2)).isPresent();
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndWhatWasThereStays() throws IOException {
        assertThat(disk.take(2 * LONG - CHUNK)).isTrue();
        try (var spool = spools().open("many")) {
            assertThatThrownBy(() -> write(spool, random(LONG)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("does not fit beside that of other commands");
            int kept = Spool.MEMORY_BYTES + CHUNK;
            assertThat(spool.first(LONG).toByteArray())
                    .isEqualTo(Arrays.copyOf(random(LONG), kept));
        }
        assertThat(disk.held()).isEqualTo(2L * LONG - CHUNK);
    }

    @Test
    void aFolderThatIsNotThereIsNamedAndHoldsNothing() {
        var spools = new Spools(new LinuxCalls(), folder.resolve("none"), memory, disk);
        try (var spool = spools.open("many")) {
            assertThatThrownBy(() -> write(spool, random(LONG)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(folder.resolve("none").toString());
        }
        assertThat(disk.held()).isZero();
        assertThat(memory.held(ForeignKind.OUTPUT)).isZero();
    }
}
