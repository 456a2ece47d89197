package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.ForeignOutput;
import io.berth.linux.foreign.ForeignScope;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.foreign.MemoryExhausted;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private final Processes processes = new Processes();
    private final Linux linux = new LinuxCalls();
    @TempDir Path directory;

    private Processes.Launch shell(String script, byte[] stdin, Duration timeout, int limit) {
        return new Processes.Launch(
                List.of("/bin/sh", "-c", script),
                directory,
                Map.of("ONLY", "this one"),
                stdin,
                timeout,
                limit);
    }

    private Processes.Completed run(Processes.Launch launch) throws IOException {
        return Steps.run("test.process", "test", () -> processes.run(launch));
    }

    private Processes.Completed run(String script) throws IOException {
        return run(shell(script, new byte[0], LONG, 1 << 20));
    }

    @Test
    void launchNeedsAStep() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> processes.run(shell("true", new byte[0], LONG, 0)))
                .withMessageContaining("/bin/sh");
    }

    @Test
    void outputsAndExitCodeAreKeptApart() throws IOException {
        var completed = run("echo out; echo err >&2; exit 7");
        assertThat(completed.exitCode()).isEqualTo(7);
        assertThat(completed.stdoutText()).isEqualTo("out");
        assertThat(completed.stderrText()).isEqualTo("err");
        assertThat(completed.took()).isPositive();
    }

    @Test
    void killedProcessExitsWith128PlusSignal() throws IOException {
        assertThat(run("kill -9 $$").exitCode()).isEqualTo(137);
    }

    @Test
    void environmentIsExactAndDirectoryIsSet() throws IOException {
        var launch =
                new Processes.Launch(
                        List.of("/usr/bin/env"),
                        directory,
                        Map.of("ONLY", "this one"),
                        new byte[0],
                        LONG,
                        1 << 20);
        assertThat(run(launch).stdoutText()).isEqualTo("ONLY=this one");
        assertThat(run("pwd -P").stdoutText()).isEqualTo(directory.toRealPath().toString());
    }

    @Test
    void inputOfAnySizeArrivesAndEnds() throws IOException {
        var stdin = new byte[1_000_000];
        assertThat(run(shell("wc -c", stdin, LONG, 100)).stdoutText()).isEqualTo("1000000");
        assertThat(run(shell("cat", "short".getBytes(UTF_8), LONG, 100)).stdoutText())
                .isEqualTo("short");
        assertThat(run(shell("exit 3", stdin, LONG, 100)).exitCode()).isEqualTo(3);
    }

    @Test
    void timeoutKillsTheWholeTree() throws IOException {
        var launch =
                shell(
                        "(sh -c 'echo $$ > child; exec sleep 600' & wait) & echo $! > middle; wait",
                        new byte[0],
                        Duration.ofSeconds(3),
                        100);
        assertThatExceptionOfType(ProcessTimeout.class)
                .isThrownBy(() -> run(launch))
                .withMessageContaining("/bin/sh: still running after PT3S");
        for (String file : List.of("child", "middle")) {
            int pid = Integer.parseInt(Files.readString(directory.resolve(file)).strip());
            assertThat(hasEnded(pid)).as(file).isTrue();
        }
    }

    private boolean hasEnded(int pid) throws IOException {
        try (var process = linux.pidfdOpen(pid)) {
            return linux.awaitExit(process, LONG);
        } catch (LinuxException gone) {
            return gone.errno() == Errno.ESRCH;
        }
    }

    @Test
    void outputOverTheLimitKillsTheProcess() {
        for (String redirect : List.of("", ">&2")) {
            var launch =
                    shell("while :; do echo line " + redirect + "; done", new byte[0], LONG, 9999);
            assertThatExceptionOfType(ProcessOutputLimit.class)
                    .isThrownBy(() -> run(launch))
                    .withMessageContaining("more than 9999 bytes");
        }
    }

    @Test
    void outputOfTheLimitItselfIsFine() throws IOException {
        assertThat(run(shell("printf 12345", new byte[0], LONG, 5)).stdoutText())
                .isEqualTo("12345");
    }

    @Test
    void childThatOutlivesItsParentIsNotWaitedFor() throws IOException {
        var completed = run("sleep 600 & echo $!");
        int child = Integer.parseInt(completed.stdoutText());
        assertThat(completed.took()).isLessThan(LONG);
        Steps.run("test.kill", "child", () -> linux.kill(child, ProcessCalls.SIGKILL));
    }

    @Test
    void missingProgramIsNamed() {
        var launch =
                new Processes.Launch(
                        List.of("/nowhere/program"), directory, Map.of(), new byte[0], LONG, 1);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> run(launch))
                .withMessageContaining("/nowhere/program");
    }

    @Test
    void launchThatMakesNoSenseIsRefused() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> shell("true", new byte[0], Duration.ZERO, 1))
                .withMessageContaining("PT0S");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> shell("true", new byte[0], LONG, -1))
                .withMessageContaining("-1");
    }

    @Test
    void startTimeNamesAProcessForGood() {
        int self = linux.getpid();
        long started = Processes.startTime(self).orElseThrow();
        assertThat(Processes.isRunning(self, started)).isTrue();
        assertThat(Processes.isRunning(self, started + 1)).isFalse();
        assertThat(Processes.startTime(Integer.MAX_VALUE)).isEmpty();
    }

    @Test
    void anOutputWithoutRoomInTheBudgetEndsItsProgramAlone() {
        var memory = new MemoryBudget(10 << 20, Duration.ofMillis(1));
        var limited = ForeignOutput.programs(memory);
        var endless = shell("exec cat /dev/zero", new byte[0], LONG, 64 << 20);
        assertThatExceptionOfType(MemoryExhausted.class)
                .isThrownBy(() -> Steps.run("test.process", "test", () -> limited.run(endless)))
                .withMessageContaining("output");
        assertThat(memory.held(ForeignKind.OUTPUT)).isZero();
    }

    @Test
    void anOutputIsHeldUntilItsRequestHasEnded() throws IOException {
        var memory = new MemoryBudget(100 << 20, Duration.ofMillis(1));
        var limited = ForeignOutput.programs(memory);
        var large = shell("head -c 500000 /dev/zero", new byte[0], LONG, 1 << 20);
        var scope = new ForeignScope(memory.take(ForeignKind.REQUESTS, 1));
        var length =
                ScopedValue.where(ForeignScope.CURRENT, scope)
                        .call(
                                () ->
                                        Steps.run("test.process", "test", () -> limited.run(large))
                                                .stdout()
                                                .length);
        assertThat(length).isEqualTo(500_000);
        assertThat(memory.held(ForeignKind.OUTPUT)).isGreaterThan(500_000);
        scope.leave();
        assertThat(memory.held(ForeignKind.OUTPUT)).isZero();
        var _ = Steps.run("test.process", "test", () -> limited.run(large));
        assertThat(memory.held(ForeignKind.OUTPUT)).as("of no request").isZero();
    }
}
