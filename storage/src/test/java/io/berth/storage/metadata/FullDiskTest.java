package io.berth.storage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.LinuxCalls;
import io.berth.linux.UmountFlag;
import io.berth.linux.step.Steps;
import io.berth.storage.content.ContentException;
import io.berth.storage.content.ContentStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system of 128 MiB that is really full. */
@Tag("root")
final class FullDiskTest {
    private static final Family<Thing> THINGS = new Family<>("things", 1, Thing.class);
    private static final int THING_BYTES = 100_000;
    private final LinuxCalls linux = new LinuxCalls();
    @TempDir Path directory;
    private Path disk;

    record Thing(String filling) {}

    @BeforeEach
    void mount() throws IOException {
        disk = Files.createDirectory(directory.resolve("disk"));
        Steps.run(
                "test.mount",
                disk.toString(),
                () -> linux.mount("tmpfs", disk, "tmpfs", Set.of(), "size=128m"));
    }

    @AfterEach
    void umount() throws IOException {
        Steps.run(
                "test.umount",
                disk.toString(),
                () -> linux.umount(disk, Set.of(UmountFlag.DETACH)));
    }

    private void fill() throws IOException {
        try (OutputStream out = Files.newOutputStream(disk.resolve("filling"))) {
            byte[] block = new byte[4096];
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    private static Thing thing() {
        return new Thing("x".repeat(THING_BYTES));
    }

    private static void growUntilFull(Metadata metadata) {
        var things = metadata.table(THINGS);
        for (int i = 0; metadata.spaceState() == SpaceState.NORMAL; i++) {
            assertThat(i).as("the disk never was full").isLessThan(2000);
            metadata.commit(new Batch().grows().put(things, "more-" + i, thing()));
        }
    }

    @Test
    void onAFullDiskRemovalsAreRecordedAndCreatesRefusedUntilThereIsRoom() throws IOException {
        try (var metadata = Metadata.open(disk.resolve("meta"))) {
            var things = metadata.table(THINGS);
            metadata.commit(new Batch().put(things, "old", thing()));
            fill();
            growUntilFull(metadata);
            assertThat(disk.resolve("meta.reserve")).doesNotExist();
            assertThatThrownBy(
                            () -> metadata.commit(new Batch().grows().put(things, "no", thing())))
                    .isInstanceOf(MetadataException.NoSpace.class)
                    .hasMessageContaining("the disk is full, only removals are accepted");
            metadata.commit(new Batch().delete(things, "old"));
            assertThat(things.get("old")).isEmpty();
            assertThat(things.get("more-0")).contains(thing());
            assertThat(things.get("no")).isEmpty();

            Files.delete(disk.resolve("filling"));
            metadata.commit(new Batch().delete(things, "more-0"));
            assertThat(metadata.spaceState()).isEqualTo(SpaceState.NORMAL);
            assertThat(disk.resolve("meta.reserve")).hasSize(Reserve.SIZE_BYTES);
            metadata.commit(new Batch().grows().put(things, "yes", thing()));
        }
        try (var metadata = Metadata.open(disk.resolve("meta"))) {
            assertThat(metadata.table(THINGS).all()).containsKey("yes").doesNotContainKey("old");
        }
    }

    @Test
    void theStoreOpensOnAFullDiskAndRemoves() throws IOException {
        try (var metadata = Metadata.open(disk.resolve("meta"))) {
            var things = metadata.table(THINGS);
            metadata.commit(new Batch().put(things, "old", thing()).put(things, "kept", thing()));
        }
        fill();
        try (var metadata = Metadata.open(disk.resolve("meta"))) {
            var things = metadata.table(THINGS);
            metadata.commit(new Batch().delete(things, "old"));
            assertThat(things.all()).containsOnlyKeys("kept");
        }
        try (var metadata = Metadata.open(disk.resolve("meta"))) {
            assertThat(metadata.table(THINGS).all()).containsOnlyKeys("kept");
        }
    }

    @Test
    void anIngestOnAFullDiskSaysHowFarItCame() throws IOException {
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store =
                    ContentStore.open(
                            disk.resolve("content"), Ledger.open(metadata), Clock.systemUTC());
            try (var ingest = store.ingest("big", OptionalLong.of(1L << 30), Optional.empty())) {
                assertThatThrownBy(
                                () -> {
                                    while (true) {
                                        ingest.write(ByteBuffer.allocate(1 << 20));
                                    }
                                })
                        .isInstanceOf(ContentException.NoSpace.class)
                        .hasMessageMatching(
                                "ingest big: the disk is full at byte \\d+ of 1073741824; "
                                        + "free some space below .*/content");
            }
            store.abandon("big");
            store.close();
        }
    }
}
