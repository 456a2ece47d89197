package io.berth.storage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.LinuxException;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeCopyTest {
    private static final int FOLDER = Flags.O_RDONLY | Flags.O_DIRECTORY;
    private static final int BYTES = 10_000;

    private final Linux linux = new LinuxCalls();
    @TempDir Path temporary;

    private void copy(String name, TreeCopy.Budget budget) throws IOException {
        var target = Files.createDirectory(temporary.resolve(name));
        try (var from = linux.open(temporary.resolve("source"), FOLDER, 0);
                var to = linux.open(target, FOLDER, 0)) {
            Steps.run("test.copy", "test", () -> new TreeCopy(linux, to, budget).from(from));
        }
    }

    private void fails(String name, TreeCopy.Budget budget) {
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> copy(name, budget))
                .satisfies(failure -> assertThat(failure.errno()).isEqualTo(Errno.EDQUOT));
    }

    @Test
    void treesAreCopiedOrRefusedByTheirDepth() throws IOException {
        var deep = "d/".repeat(TreeCopy.MAX_DEPTH);
        Files.createDirectories(temporary.resolve("source").resolve(deep));
        copy("one", new TreeCopy.Budget(1L << 30, BYTES));
        assertThat(temporary.resolve("one").resolve(deep)).isDirectory();
        Files.createDirectory(temporary.resolve("source").resolve(deep).resolve("d"));
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> copy("two", new TreeCopy.Budget(1L << 30, BYTES)))
                .satisfies(it -> assertThat(it.errno()).isEqualTo(Errno.ENAMETOOLONG))
                .withMessageContaining("more than 400 levels");
    }

    @Test
    void copiesShareOneBudgetOfBytesAndFiles() throws IOException {
        var source = Files.createDirectory(temporary.resolve("source"));
        Files.write(source.resolve("a"), new byte[BYTES]);
        Files.write(source.resolve("b"), new byte[BYTES]);
        var bytes = new TreeCopy.Budget(5L * BYTES, 100);
        copy("one", bytes);
        copy("two", bytes);
        assertThat(temporary.resolve("two/b")).hasSize(BYTES);
        fails("three", bytes);
        var files = new TreeCopy.Budget(1L << 30, 3);
        copy("four", files);
        fails("five", files);
    }
}
