package io.berth.sandbox.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.FdPoller;
import io.berth.linux.LinuxCalls;
import io.berth.linux.Processes;
import io.berth.linux.step.Steps;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.resource.HostProcesses;
import io.berth.shimclient.writer.LogStreams;
import io.berth.shimclient.writer.LogTarget;
import io.berth.shimclient.writer.LogWriter;
import io.berth.shimclient.writer.LogWriterException;
import io.berth.shimclient.writer.LogWriterRequest;
import io.berth.shimclient.writer.LogWriters;
import io.berth.shimclient.writer.NativeProgram;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real writers on FIFOs whose ends are held open here, as a shim does. */
class LogKeeperTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final ContainerId ID = ContainerId.random();

    @TempDir Path folder;
    private final LinuxCalls linux = new LinuxCalls();
    private final AtomicInteger failures = new AtomicInteger();

    @SuppressWarnings("NullAway.Init")
    private FdPoller poller;

    @SuppressWarnings("NullAway.Init")
    private LogWriters writers;

    @SuppressWarnings("NullAway.Init")
    private Path control;

    @SuppressWarnings("NullAway.Init")
    private RandomAccessFile stdout;

    @BeforeEach
    void launchOne() throws IOException {
        var program = folder.resolve("berth-native");
        Files.write(program, NativeProgram.bytes());
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        writers = new LogWriters(NativeProgram.at(program), new Processes(), LIMIT);
        control = folder.resolve("control");
        poller = new FdPoller(linux);
        poller.start();
    }

    @AfterEach
    void endAll() throws IOException {
        host().onWriterKill(_ -> {});
        poller.close();
        stdout.close();
        for (var left = living(); left >= 0; left = living()) {
            kill(left);
        }
    }

    private HostProcesses host() {
        return new HostProcesses(linux, "no-address", folder, LIMIT);
    }

    private LogWriter launch(HostProcesses host, boolean afterLoss) throws IOException {
        return Steps.run(
                "log-writer.start",
                control.toString(),
                () -> {
                    var writer =
                            writers.launch(
                                    new LogWriterRequest(
                                            new LogStreams.Terminal(folder.resolve("stdout")),
                                            new LogTarget.LogFile(folder.resolve("log")),
                                            control,
                                            1024,
                                            afterLoss));
                    host.writerStarted(control, writer.pid());
                    return writer;
                });
    }

    private LogWriter first(HostProcesses host) throws IOException {
        var writer = launch(host, false);
        stdout = new RandomAccessFile(folder.resolve("stdout").toFile(), "rw");
        return writer;
    }

    private LogKeeper keeping(HostProcesses host) {
        var keeper = new LogKeeper(poller, host);
        keeper.keep(
                ID,
                control,
                () -> {
                    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        throw new IOException("no luck yet");
                    }
                    var _ = launch(host, true);
                });
        return keeper;
    }

    @Test
    void aKilledWriterIsReplacedAndWhatTheFifoHoldsIsKept() throws IOException {
        var host = host();
        var first = first(host);
        var keeper = keeping(host);
        say("one");
        eventually("one line", () -> log().contains(" stdout F one\n"));
        kill(first.pid());
        say("two");
        eventually("the next writer", () -> log().contains(" stdout F two\n"));
        assertThat(log()).contains(" stderr F berth: log writer was killed;");
        eventually("its count", () -> keeper.replaced() == 1);
        kill(living());
        say("three");
        eventually("one more", () -> log().contains(" stdout F three\n"));
        eventually("its count", () -> keeper.replaced() == 2);
    }

    @Test
    void aWriterThatWasKilledWhileNoDaemonRanIsReplacedByTheNext() throws IOException {
        kill(first(host()).pid());
        say("meanwhile");
        var keeper = keeping(host()); // of the next daemon, which started none
        eventually("the next writer", () -> log().contains(" stdout F meanwhile\n"));
        eventually("its count", () -> keeper.replaced() == 1);
    }

    @Test
    void aWriterOfAnEarlierDaemonIsKeptToo() throws IOException {
        var first = first(host());
        var keeper = keeping(host());
        say("one");
        eventually("one line", () -> log().contains(" stdout F one\n"));
        assertThat(keeper.replaced()).isZero();
        kill(first.pid());
        say("two");
        eventually("the next writer", () -> log().contains(" stdout F two\n"));
    }

    @Test
    void aReplacementThatFailsIsTriedAgain() throws IOException {
        var host = host();
        var first = first(host);
        failures.set(2);
        var keeper = keeping(host);
        kill(first.pid());
        say("late");
        eventually("the next writer", () -> log().contains(" stdout F late\n"));
        eventually("its count", () -> keeper.replaced() == 1);
        assertThat(failures).hasValue(0);
    }

    @Test
    void aForgottenWriterAndOneThatIsCompleteAreNotReplaced() throws Exception {
        var host = host();
        var first = first(host);
        var keeper = keeping(host);
        stdout.close();
        eventually("the end of the log", () -> !Files.exists(control));
        eventually("the writer's end", () -> !ProcessHandle.of(first.pid()).isPresent());
        assertThat(keeper.replaced()).isZero();

        var second = first(host);
        var again = keeping(host);
        again.forget(control.toString());
        kill(second.pid());
        assertThat(living()).isNegative();
        assertThat(again.replaced()).isZero();
    }

    private void say(String line) throws IOException {
        stdout.write((line + "\n").getBytes(UTF_8));
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException notYet) {
            return "";
        }
    }

    /** The pid of the writer that answers, or -1. */
    private int living() {
        try {
            return LogWriters.connect(control).pid();
        } catch (LogWriterException.Lost | LogWriterException.Ended none) {
            return -1;
        }
    }

    private static void kill(int pid) {
        var process = ProcessHandle.of(pid).orElseThrow();
        process.destroyForcibly();
        eventually("death of " + pid, () -> !process.isAlive());
    }

    private static void eventually(String what, BooleanSupplier condition) {
        long until = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("not within " + LIMIT + ": " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }
}
