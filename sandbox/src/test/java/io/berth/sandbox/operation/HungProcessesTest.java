package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HungProcessesTest {
    @TempDir Path proc;

    private void process(int pid, String stat, String wchan) throws IOException {
        var folder = Files.createDirectories(proc.resolve(Integer.toString(pid)));
        Files.writeString(folder.resolve("stat"), stat);
        Files.writeString(folder.resolve("wchan"), wchan);
    }

    @Test
    void namesTheUninterruptibleOneAndWhereItHangs() throws IOException {
        process(42, "42 (a) b) D 1 42 42 0\n", "nfs_wait_bit_killable");
        assertThat(new HungProcesses(proc).describe(List.of(42)))
                .isEqualTo(
                        "process 42 (a) b) is in uninterruptible sleep (D) in"
                                + " nfs_wait_bit_killable: a disk, NFS or FUSE does not answer");
    }

    @Test
    void saysWhenNoneIsLeft() throws IOException {
        process(43, "torn", "");
        assertThat(new HungProcesses(proc).describe(List.of(43, 44)))
                .isEqualTo("none of its processes is left");
    }

    @Test
    void namesAFewOfMany() throws IOException {
        for (int pid = 100; pid < 200; pid++) {
            process(pid, pid + " (dd) R 1\n", "0");
        }
        assertThat(new HungProcesses(proc).describe(IntStream.range(100, 200).boxed().toList()))
                .contains("process 104 (dd) is in state R")
                .endsWith("; and more");
    }
}
