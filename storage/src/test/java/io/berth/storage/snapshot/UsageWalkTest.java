package io.berth.storage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.Flags;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.LinuxFd;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageWalkTest {
    private static final int FOLDER = Flags.O_RDONLY | Flags.O_DIRECTORY;
    private static final int FILE = Flags.O_WRONLY | Flags.O_CREAT;
    private static final int DEPTH = 3000;
    private static final int BYTES = 64 << 10;

    private final Linux linux = new LinuxCalls();
    @TempDir Path temporary;

    /** The junit folder's own removal does not go so deep. */
    @AfterEach
    void removeTree() throws IOException {
        Steps.run(
                "test.remove",
                "test",
                () -> new HostFiles(linux).deleteTree(temporary.resolve("tree")));
    }

    /** A file on each 500th level, and two folders beside each other on each 1000th. */
    @Test
    void filesOfEveryDepthAreCounted() throws IOException {
        Steps.run("test.make", "test", this::makeTree);
        try (var tree = linux.open(temporary.resolve("tree"), FOLDER, 0)) {
            var usage = new UsageWalk(linux).of(tree);
            assertThat(usage.inodes()).isEqualTo(1 + DEPTH + DEPTH / 500 + 2 * (DEPTH / 1000));
            assertThat(usage.bytes()).isGreaterThan((long) BYTES * (DEPTH / 500));
        }
    }

    private void makeTree() throws IOException {
        linux.mkdirat(LinuxFd.AT_FDCWD, temporary.resolve("tree").toString(), 0700);
        var at = linux.open(temporary.resolve("tree"), FOLDER, 0);
        for (int depth = 1; depth <= DEPTH; depth++) {
            if (depth % 1000 == 0) {
                linux.mkdirat(at, "a", 0700);
                linux.mkdirat(at, "z", 0700);
            }
            if (depth % 500 == 0) {
                try (var file = linux.openat(at, "file", FILE, 0600)) {
                    linux.writeFully(file, ByteBuffer.wrap(new byte[BYTES]));
                }
            }
            linux.mkdirat(at, "d", 0700);
            var below = linux.openat(at, "d", FOLDER, 0);
            at.close();
            at = below;
        }
        at.close();
    }
}
