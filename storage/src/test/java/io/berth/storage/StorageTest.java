package io.berth.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.LinuxCalls;
import io.berth.storage.snapshot.NativeSnapshotter;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StorageTest {
    @TempDir Path directory;

    private Storage open() throws IOException {
        return Storage.open(
                directory.resolve("root"), new LinuxCalls(), Clock.systemUTC(), "native");
    }

    @Test
    void aRootIsOpenedOnceAndAgainAfterItIsClosed() throws IOException {
        try (var storage = open()) {
            assertThat(storage.snapshotter()).isInstanceOf(NativeSnapshotter.class);
            assertThat(storage.ledger().entries()).isEmpty();
            assertThat(storage.content().blobs()).isEmpty();
            assertThatThrownBy(this::open)
                    .isInstanceOf(StorageLocked.class)
                    .hasMessage(
                            "root %s: in use by process %d; stop that daemon, or give this one another root",
                            directory.resolve("root"), ProcessHandle.current().pid());
        }
        open().close();
    }

    @Test
    void aSnapshotterThatWasUsedIsOpenedAgainToBeEmptied() throws IOException {
        var root = directory.resolve("root");
        var linux = new LinuxCalls();
        var key = new SnapshotKey("container");
        try (var storage =
                Storage.open(root, linux, Clock.systemUTC(), "native", Set.of("overlayfs"))) {
            storage.snapshotters().named(Optional.of("overlayfs")).prepare(key, Optional.empty());
            assertThat(storage.snapshotters().mounts(key)).isNotEmpty();
        }
        try (var storage = open()) {
            assertThat(storage.snapshotters().holderOf("container")).hasValue("overlayfs");
            assertThat(storage.snapshotter().stat("container")).isEmpty();
            storage.snapshotters().remove(key);
            storage.snapshotters().remove(key);
            assertThat(storage.snapshotters().list()).isEmpty();
        }
    }

    @Test
    void whatIsNotOpenIsNamedWithWhatIs() throws IOException {
        try (var storage = open()) {
            assertThatThrownBy(() -> storage.snapshotters().named(Optional.of("overlayfs")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("snapshotter: found \"overlayfs\", wanted one of [native]");
        }
    }

    @Test
    void aFailedOpenLeavesTheRootFree() throws IOException {
        assertThatThrownBy(
                        () ->
                                Storage.open(
                                        directory.resolve("root"),
                                        new LinuxCalls(),
                                        Clock.systemUTC(),
                                        "btrfs"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("snapshotter: found \"btrfs\", wanted overlayfs or native");
        Files.createDirectories(directory.resolve("root"));
        Files.writeString(directory.resolve("root/content"), "a file where a directory must be");
        assertThatThrownBy(this::open).hasMessageContaining("content");
        Files.delete(directory.resolve("root/content"));
        open().close();
    }
}
