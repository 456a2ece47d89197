package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErrnoTest {
    private final Linux linux = new LinuxCalls();

    @Test
    void messageNamesSubjectCallAndError() {
        var failure =
                catchThrowableOfType(
                        LinuxException.class,
                        () -> linux.open(Path.of("/proc/none"), Flags.O_RDONLY, 0));
        assertThat(failure).hasMessage("/proc/none: openat: ENOENT, no such file or directory");
        assertThat(failure.errno()).isEqualTo(Errno.ENOENT);
        assertThat(failure.errnoName()).isEqualTo("ENOENT");
        assertThat(failure.call()).isEqualTo("openat");
        assertThat(failure.subject()).isEqualTo("/proc/none");
    }

    @Test
    void unknownNumberIsNamedByNumber() {
        assertThat(new LinuxException("mount", 513, "/x")).hasMessage("/x: mount: errno 513");
    }

    @Test
    void subjectOfCallInDirectoryIsItsPath(@TempDir Path directory) throws Exception {
        try (var dir = linux.open(directory, Flags.O_RDONLY | Flags.O_DIRECTORY, 0)) {
            assertThatExceptionOfType(LinuxException.class)
                    .isThrownBy(() -> linux.fstatat(dir, "missing"))
                    .withMessageStartingWith(directory.resolve("missing") + ": statx: ENOENT");
        }
    }

    @Test
    void argumentWithNulIsRefused() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> linux.openat(LinuxFd.AT_FDCWD, "a\0b", Flags.O_RDONLY, 0))
                .withMessageContaining("NUL");
    }

    /** Threads that fail in different ways at once each see their own error, every time. */
    @Test
    void errnoBelongsToItsCall(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("file");
        java.nio.file.Files.createFile(file);
        java.nio.file.Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
        var expected = List.of(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.ENAMETOOLONG);
        var paths =
                List.of(
                        directory.resolve("missing"),
                        file.resolve("below"),
                        directory.resolve("loop"),
                        directory.resolve("n".repeat(300)));
        var together = new CyclicBarrier(8);
        try (var threads = Executors.newFixedThreadPool(8)) {
            var results = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 8; i++) {
                int kind = i % 4;
                results.add(
                        threads.submit(
                                () -> {
                                    together.await();
                                    int wrong = 0;
                                    for (int n = 0; n < 5_000; n++) {
                                        wrong +=
                                                errno(paths.get(kind)) == expected.get(kind)
                                                        ? 0
                                                        : 1;
                                    }
                                    return wrong;
                                }));
            }
            for (Future<Integer> result : results) {
                assertThat(result.get()).isZero();
            }
        }
    }

    private int errno(Path path) {
        try (var _ = linux.open(path, Flags.O_RDONLY, 0)) {
            return 0;
        } catch (LinuxException failed) {
            return failed.errno();
        }
    }
}
