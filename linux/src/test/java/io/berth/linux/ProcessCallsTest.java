package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessCallsTest {
    private final Linux linux = new LinuxCalls();

    @Test
    void pidfdSeesTheExitOfItsProcess() throws Exception {
        var sleep = new ProcessBuilder("/bin/sleep", "600").start();
        try (var process = linux.pidfdOpen((int) sleep.pid())) {
            assertThat(linux.awaitExit(process, Duration.ofMillis(20))).isFalse();
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> linux.pidfdSendSignal(process, ProcessCalls.SIGKILL));
            Steps.run(
                    "test.kill",
                    "sleep",
                    () -> linux.pidfdSendSignal(process, ProcessCalls.SIGTERM));
            assertThat(linux.awaitExit(process, Duration.ofSeconds(60))).isTrue();
            assertThat(sleep.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(sleep.exitValue()).isEqualTo(128 + ProcessCalls.SIGTERM);
            assertThatExceptionOfType(LinuxException.class)
                    .isThrownBy(() -> linux.pidfdSendSignal(process, 0))
                    .matches(gone -> gone.errno() == Errno.ESRCH);
        } finally {
            sleep.destroyForcibly();
        }
    }

    @Test
    void exitCodeIsToldWhetherTheParentTookItOrNot() throws Exception {
        // The inner shell ends only once its pid is known, and its parent takes it only then too.
        var script =
                "sh -c 'read a; exit 7' < \"$0/go\" & echo $!; read b < \"$0/take\"; wait; echo taken; read c";
        var directory = Files.createTempDirectory("berth-exit");
        for (var name : new String[] {"go", "take"}) {
            var fifo = directory.resolve(name);
            Steps.run("test.fifo", name, () -> linux.mkfifo(fifo, 0600));
        }
        var shell = new ProcessBuilder("/bin/sh", "-c", script, directory.toString()).start();
        try (var out = shell.inputReader();
                var process = linux.pidfdOpen(Integer.parseInt(out.readLine()))) {
            assertThat(linux.exitCode(process)).as("while it runs").isEmpty();
            Files.writeString(directory.resolve("go"), "\n");
            assertThat(linux.awaitExit(process, Duration.ofSeconds(60))).isTrue();
            assertThat(linux.exitCode(process)).as("of a zombie").hasValue(7);
            Files.writeString(directory.resolve("take"), "\n");
            assertThat(out.readLine()).isEqualTo("taken");
            assumeThat(keptByKernel()).isTrue();
            assertThat(linux.exitCode(process)).as("once it was taken").hasValue(7);
        } finally {
            shell.destroyForcibly();
            for (var name : new String[] {"go", "take"}) {
                Files.delete(directory.resolve(name));
            }
            Files.delete(directory);
        }
    }

    @Test
    void exitCodeOfAKilledProcessIsItsSignals() throws Exception {
        var sleep = new ProcessBuilder("/bin/sleep", "600").start();
        try (var process = linux.pidfdOpen((int) sleep.pid())) {
            sleep.destroyForcibly().waitFor();
            assertThat(linux.exitCode(process))
                    .isEqualTo(keptByKernel() ? OptionalInt.of(137) : OptionalInt.empty());
        }
    }

    /** Since 6.15. */
    private static boolean keptByKernel() {
        var parts = System.getProperty("os.version").split("[.-]", -1);
        int major = Integer.parseInt(parts[0]);
        return major > 6 || (major == 6 && Integer.parseInt(parts[1]) >= 15);
    }

    @Test
    void processThatIsNotThereIsNamed() {
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> linux.kill(Integer.MAX_VALUE, 0))
                .withMessage("process 2147483647: kill: ESRCH, no such process");
    }

    @Test
    void epollTellsWhichDescriptorIsReady(@TempDir Path directory) throws IOException {
        Path fifo = directory.resolve("fifo");
        Steps.run("test.fifo", "fifo", () -> linux.mkfifo(fifo, 0600));
        int nonblocking = Flags.O_NONBLOCK;
        try (var epoll = linux.epollCreate();
                var reader = linux.open(fifo, Flags.O_RDONLY | nonblocking, 0)) {
            try (var writer = linux.open(fifo, Flags.O_WRONLY | nonblocking, 0)) {
                epoll.add(reader, Epoll.EPOLLIN, 0x1234_5678_9abcL);
                assertThat(epoll.await(Duration.ofMillis(5))).isEmpty();
                linux.writeFully(writer, ByteBuffer.wrap(new byte[] {1}));
                assertThat(epoll.await(Duration.ofSeconds(60)))
                        .containsExactly(new Epoll.Ready(0x1234_5678_9abcL, Epoll.EPOLLIN));
                assertThat(linux.read(reader, ByteBuffer.allocate(9))).isOne();
            }
            assertThat(epoll.await(Duration.ofSeconds(60)))
                    .containsExactly(new Epoll.Ready(0x1234_5678_9abcL, Epoll.EPOLLHUP));
            epoll.remove(reader);
            assertThat(epoll.await(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void oomScoreIsSetAndBelowTheFloorClamped() throws Exception {
        int own = linux.oomScoreAdj(linux.getpid());
        var sleep = new ProcessBuilder("/bin/sleep", "600").start();
        try {
            int pid = (int) sleep.pid();
            Steps.run(
                    "test.oom",
                    "sleep",
                    () -> {
                        assertThat(linux.setOomScoreAdj(pid, 900)).isEqualTo(900);
                        assertThat(linux.oomScoreAdj(pid)).isEqualTo(900);
                        int set = linux.setOomScoreAdj(pid, -999);
                        assertThat(set).isIn(-999, own);
                        assertThat(linux.oomScoreAdj(pid)).isEqualTo(set);
                    });
        } finally {
            sleep.destroyForcibly();
        }
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Steps.run("test.oom", "x", () -> linux.setOomScoreAdj(1, 1001)));
    }

    @Test
    void prctlReachesTheCallingThread() throws IOException {
        assertThat(Steps.run("test.prctl", "x", () -> linux.prctl(3, 0))).isBetween(0L, 1L);
    }

    @Test
    void bootIdIsTheSameAllBoot() throws IOException {
        assertThat(BootId.read()).isEqualTo(BootId.read());
    }
}
