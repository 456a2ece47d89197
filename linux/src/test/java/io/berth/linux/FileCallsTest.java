package io.berth.linux;

import static io.berth.linux.LinuxFd.AT_FDCWD;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.linux.step.StepAction;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCallsTest {
    private static final int CREATE = Flags.O_RDWR | Flags.O_CREAT | Flags.O_EXCL;
    private final Linux linux = new LinuxCalls();
    @TempDir Path root;
    private LinuxFd dir = AT_FDCWD;

    @BeforeEach
    void openRoot() throws IOException {
        dir = linux.open(root, Flags.O_RDONLY | Flags.O_DIRECTORY, 0);
    }

    @AfterEach
    void closeRoot() {
        dir.close();
    }

    private static void step(StepAction body) throws IOException {
        Steps.run("test.files", "test", body);
    }

    @Test
    void callThatChangesNamesNeedsAStep() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> linux.mkdirat(dir, "a", 0755));
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> linux.openat(dir, "a", CREATE, 0644));
        assertThat(root.resolve("a")).doesNotExist();
    }

    @Test
    void statHasEveryField() throws IOException {
        step(
                () -> {
                    linux.openat(dir, "file", CREATE, 0600).close();
                    linux.fchmodat(dir, "file", 01751);
                    linux.linkat(dir, "file", dir, "other");
                    linux.utimensat(
                            dir,
                            "file",
                            Instant.ofEpochSecond(1),
                            Instant.ofEpochSecond(-5, 123_456_789));
                });
        var stat = linux.fstatat(dir, "file");
        assertThat(stat.isRegularFile()).isTrue();
        assertThat(stat.permissions()).isEqualTo(01751);
        assertThat(stat.modified()).isEqualTo(Instant.ofEpochSecond(-5, 123_456_789));
        assertThat(stat.sizeBytes()).isZero();
        assertThat(stat.links()).isEqualTo(2);
        assertThat(stat.uid()).isEqualTo(Files.getAttribute(root.resolve("file"), "unix:uid"));
        assertThat(stat.id().inode())
                .isEqualTo(Files.getAttribute(root.resolve("file"), "unix:ino"));
        assertThat(linux.lstat(root.resolve("other")).id()).isEqualTo(stat.id());
        assertThat(stat.mountRoot()).isFalse();
        assertThat(linux.fstat(dir).isDirectory()).isTrue();
    }

    @Test
    void timesOfSymlinkAreSetToTheNanosecondWithoutFollowing() throws IOException {
        var time = Instant.ofEpochSecond(1_500_000_000L, 123_456_789);
        step(
                () -> {
                    linux.symlinkat("/nowhere", dir, "link");
                    linux.utimensat(dir, "link", time, time);
                });
        assertThat(linux.fstatat(dir, "link").modified()).isEqualTo(time);
        assertThat(linux.fstatat(dir, "link").isSymlink()).isTrue();
        assertThat(linux.readlinkat(dir, "link")).isEqualTo("/nowhere");
    }

    @Test
    void openat2StaysInItsRoot() throws IOException {
        Files.createDirectories(root.resolve("fs/etc"));
        Files.writeString(root.resolve("outside"), "secret");
        Files.writeString(root.resolve("fs/outside"), "own");
        step(
                () -> {
                    linux.symlinkat("/outside", dir, "fs/absolute");
                    linux.symlinkat("../../../outside", dir, "fs/etc/relative");
                });
        try (var fs = linux.openat(dir, "fs", Flags.O_PATH | Flags.O_DIRECTORY, 0)) {
            for (String path :
                    new String[] {"absolute", "etc/relative", "../outside", "/outside"}) {
                assertThat(readIn(fs, path, Flags.RESOLVE_IN_ROOT)).as(path).isEqualTo("own");
            }
            assertThat(errnoIn(fs, "../outside", Flags.RESOLVE_BENEATH)).isEqualTo(Errno.EXDEV);
            assertThat(errnoIn(fs, "absolute", Flags.RESOLVE_BENEATH)).isEqualTo(Errno.EXDEV);
            assertThat(errnoIn(fs, "absolute", Flags.RESOLVE_NO_SYMLINKS)).isEqualTo(Errno.ELOOP);
        }
    }

    private String readIn(LinuxFd fs, String path, long resolve) throws IOException {
        try (var file = linux.openat2(fs, path, Flags.O_RDONLY, 0, resolve)) {
            var buffer = ByteBuffer.allocate(64);
            var _ = linux.read(file, buffer);
            return UTF_8.decode(buffer.flip()).toString();
        }
    }

    private int errnoIn(LinuxFd fs, String path, long resolve) {
        return catchThrowableOfType(LinuxException.class, () -> readIn(fs, path, resolve)).errno();
    }

    @Test
    void renameReplacesOrRefusesAsAsked() throws IOException {
        Files.writeString(root.resolve("a"), "a");
        Files.writeString(root.resolve("b"), "b");
        var rename = new FileCalls.Rename(dir, "a", dir, "b");
        step(
                () -> {
                    assertThatExceptionOfType(LinuxException.class)
                            .isThrownBy(() -> linux.renameat2(rename, Flags.RENAME_NOREPLACE))
                            .matches(refused -> refused.errno() == Errno.EEXIST);
                    linux.renameat2(rename, Flags.RENAME_EXCHANGE);
                    assertThat(root.resolve("a")).hasContent("b");
                    linux.renameat2(rename, 0);
                });
        assertThat(root.resolve("a")).doesNotExist();
        assertThat(root.resolve("b")).hasContent("b");
    }

    @Test
    void bytesGoInAndOutThroughHeapAndDirectBuffers() throws IOException {
        var heap = ByteBuffer.wrap("..heap..".getBytes(UTF_8), 2, 4).slice();
        var direct = ByteBuffer.allocateDirect(16).put("..direct".getBytes(UTF_8)).flip();
        direct.position(2);
        step(
                () -> {
                    try (var file = linux.openat(dir, "file", CREATE, 0600)) {
                        linux.writeFully(file, heap);
                        linux.writeFully(file, direct);
                        assertThat(heap.hasRemaining() || direct.hasRemaining()).isFalse();
                        assertThat(linux.pwrite(file, ByteBuffer.wrap(new byte[] {'H'}), 0))
                                .isOne();
                        assertThat(linux.lseek(file, 0, Flags.SEEK_CUR)).isEqualTo(10);
                        var back = ByteBuffer.allocateDirect(32);
                        assertThat(linux.pread(file, back, 0)).isEqualTo(10);
                        assertThat(UTF_8.decode(back.flip()).toString()).isEqualTo("Heapdirect");
                        linux.ftruncate(file, 4);
                        linux.fallocate(file, 0, 4096);
                        linux.fdatasync(file);
                        linux.fsync(file);
                        assertThat(linux.fstat(file).sizeBytes()).isEqualTo(4096);
                    }
                });
    }

    @Test
    void readAtTheEndIsZeroAndLargeHeapBufferIsFilledInParts() throws IOException {
        Files.write(root.resolve("large"), new byte[300_000]);
        try (var file = linux.openat(dir, "large", Flags.O_RDONLY, 0)) {
            var buffer = ByteBuffer.allocate(400_000);
            assertThat(linux.read(file, buffer)).isEqualTo(256 * 1024);
            assertThat(linux.read(file, buffer)).isEqualTo(300_000 - 256 * 1024);
            assertThat(linux.read(file, buffer)).isZero();
        }
    }

    @Test
    void directoryIsListedWholeWithNamesThatAreNoUtf8() throws IOException {
        var names = new HashSet<String>();
        for (int i = 0; i < 1_000; i++) {
            names.add("entry-with-a-long-name-so-that-several-reads-are-needed-" + i);
        }
        names.add(FileNames.decode(new byte[] {'x', (byte) 0xff, (byte) 0xc3, 'y'}));
        step(
                () -> {
                    linux.mkdirat(dir, "d", 0755);
                    try (var d = linux.openat(dir, "d", Flags.O_RDONLY | Flags.O_DIRECTORY, 0)) {
                        for (String name : names) {
                            linux.symlinkat(name, d, name);
                        }
                        assertThat(list(d)).isEqualTo(names);
                        for (String name : names) {
                            assertThat(linux.readlinkat(d, name)).isEqualTo(name);
                            linux.unlinkat(d, name, 0);
                        }
                    }
                    linux.unlinkat(dir, "d", Flags.AT_REMOVEDIR);
                });
    }

    private Set<String> list(LinuxFd directory) throws LinuxException {
        var found = new HashSet<String>();
        var entries = linux.getdents(directory);
        while (!entries.isEmpty()) {
            entries.forEach(entry -> found.add(entry.name()));
            entries = linux.getdents(directory);
        }
        return found;
    }

    @Test
    void lockIsHeldAgainstAnotherDescriptorUntilReleased() throws IOException {
        Files.createFile(root.resolve("lock"));
        try (var one = linux.openat(dir, "lock", Flags.O_RDWR, 0);
                var two = linux.openat(dir, "lock", Flags.O_RDWR, 0)) {
            assertThat(linux.flock(one, true, true)).isTrue();
            assertThat(linux.flock(two, true, true)).isFalse();
            assertThat(linux.flock(two, false, true)).isFalse();
            linux.funlock(one);
            assertThat(linux.flock(two, true, true)).isTrue();
        }
    }

    @Test
    void fileSystemIsMeasured() throws IOException {
        var statfs = linux.statfs(root);
        assertThat(statfs.sizeBytes()).isEqualTo(Files.getFileStore(root).getTotalSpace());
        assertThat(statfs.usedBytes()).isBetween(0L, statfs.sizeBytes());
        assertThat(statfs.availableBytes()).isLessThanOrEqualTo(statfs.sizeBytes());
    }

    @Test
    void closedDescriptorIsRefusedAndClosesOnce() throws IOException {
        var file = linux.open(root, Flags.O_PATH, 0);
        file.close();
        file.close();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> linux.fstat(file))
                .withMessageContaining(root.toString());
    }

    @Test
    void rangeIsCopiedInTheKernel() throws IOException {
        Files.writeString(root.resolve("from"), "0123456789");
        step(
                () -> {
                    try (var from = linux.openat(dir, "from", Flags.O_RDONLY, 0);
                            var to = linux.openat(dir, "to", CREATE, 0600)) {
                        assertThat(linux.copyFileRange(from, to, 4)).isEqualTo(4);
                    }
                });
        assertThat(root.resolve("to")).hasContent("0123");
    }

    @Test
    void deviceNumbersAreThoseOfTheKernel() {
        assertThat(Flags.device(1, 3)).isEqualTo(0x103);
        assertThat(Flags.device(259, 0x12345)).isEqualTo(0x12310345L);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Flags.device(4096, 0));
    }
}
