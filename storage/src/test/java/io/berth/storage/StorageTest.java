package io.berth.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.LinuxCalls;
import io.berth.storage.snapshot.NativeSnapshotter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
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
