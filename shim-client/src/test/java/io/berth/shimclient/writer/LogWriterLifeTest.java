package io.berth.shimclient.writer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a writer begins, survives and ends. */
class LogWriterLifeTest {
    @TempDir Path folder;

    @Test
    void endsWithTheOutputAndTakesItsSocketAlong() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(1024);
            try (var out = WriterFixture.open(fixture.stdout)) {
                out.write("out\n".getBytes(ISO_8859_1));
                try (var err = WriterFixture.open(fixture.stderr)) {
                    err.write("err".getBytes(ISO_8859_1));
                }
                // stderr has ended, stdout has not
                assertThatExceptionOfType(LogWriterException.TimedOut.class)
                        .isThrownBy(() -> writer.waitDrained(Duration.ofMillis(100)));
                writer.ping();
            }
            writer.waitDrained(WriterFixture.LIMIT);
            assertThat(fixture.control).doesNotExist();
            assertThat(fixture.lines().stream().map(WriterFixture::untimed))
                    .containsExactlyInAnyOrder("stdout F out", "stderr P err");
            assertThatExceptionOfType(LogWriterException.Ended.class).isThrownBy(writer::ping);
            writer.waitDrained(WriterFixture.LIMIT);
            WriterFixture.eventually("exit", () -> !isAlive(writer));
        }
    }

    @Test
    void isADaemonThatAnAuditFindsByItsControlSocket() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(1024);
            Path proc = Path.of("/proc", Integer.toString(writer.pid()));
            assertThat(Files.readString(proc.resolve("cmdline")).split("\0", -1))
                    .contains("log", "--control", fixture.control.toString());
            assertThat(Files.readSymbolicLink(proc.resolve("cwd"))).isEqualTo(Path.of("/"));
            for (String fd : List.of("0", "1", "2")) {
                assertThat(Files.readSymbolicLink(proc.resolve("fd").resolve(fd)))
                        .isEqualTo(Path.of("/dev/null"));
            }
            String stat = Files.readString(proc.resolve("stat"));
            String session = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3];
            assertThat(session).isEqualTo(Integer.toString(writer.pid()));
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(fixture.control)))
                    .isEqualTo("rw-------");
            assertThat(LogWriters.connect(fixture.control)).isEqualTo(writer);
            WriterFixture.stop(writer);
        }
    }

    @Test
    void outlivesTheProcessThatLaunchedIt() throws Exception {
        try (var fixture = new WriterFixture(folder)) {
            String command =
                    "\"$0\" log --stdout \"$1/stdout\" --stderr \"$1/stderr\" --log \"$1/0.log\""
                            + " --control \"$1/control.sock\" && exec sleep 1000";
            Process launcher =
                    new ProcessBuilder(
                                    "sh",
                                    "-c",
                                    command,
                                    WriterFixture.PROGRAM.path().toString(),
                                    folder.toString())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            assertThat(launcher.inputReader().readLine()).startsWith("{\"pid\":");
            launcher.destroyForcibly();
            assertThat(launcher.waitFor(20, TimeUnit.SECONDS)).isTrue();
            LogWriter writer = LogWriters.connect(fixture.control);
            try (var out = WriterFixture.open(fixture.stdout);
                    var err = WriterFixture.open(fixture.stderr)) {
                out.write("still here\n".getBytes(ISO_8859_1));
                err.flush();
            }
            writer.waitDrained(WriterFixture.LIMIT);
            assertThat(fixture.lines()).singleElement().asString().endsWith(" stdout F still here");
        }
    }

    @Test
    void aKilledOneIsLostAndItsSuccessorLosesNothingThatTheShimHolds() throws IOException {
        // As the shim does, this end keeps each FIFO open for reading and writing.
        try (var fixture = new WriterFixture(folder)) {
            LogWriter first = fixture.launch(1024);
            try (var out = new RandomAccessFile(fixture.stdout.toFile(), "rw");
                    var err = new RandomAccessFile(fixture.stderr.toFile(), "rw")) {
                out.write("one\n".getBytes(ISO_8859_1));
                WriterFixture.eventually("one line", () -> first.stats().writtenBytes() > 0);
                ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
                WriterFixture.eventually("death", () -> !isAlive(first));
                assertThat(fixture.control).exists();
                assertThatExceptionOfType(LogWriterException.Lost.class).isThrownBy(first::ping);
                assertThatExceptionOfType(LogWriterException.Lost.class)
                        .isThrownBy(() -> first.waitDrained(Duration.ofSeconds(1)));
                out.write("two\n".getBytes(ISO_8859_1));
                err.write("three\n".getBytes(ISO_8859_1));
                LogWriter second = fixture.launch(1024);
                WriterFixture.stop(second);
            }
            assertThat(fixture.lines().stream().map(WriterFixture::untimed))
                    .containsExactly("stdout F one", "stdout F two", "stderr F three");
            assertThat(fixture.control).doesNotExist();
        }
    }

    @Test
    void aSuccessorSaysInTheLogThatOutputMayBeMissing() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter first = fixture.launch(1024);
            try (var out = new RandomAccessFile(fixture.stdout.toFile(), "rw");
                    var err = new RandomAccessFile(fixture.stderr.toFile(), "rw")) {
                out.write("one\n".getBytes(ISO_8859_1));
                WriterFixture.eventually("one line", () -> first.stats().writtenBytes() > 0);
                ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
                WriterFixture.eventually("death", () -> !isAlive(first));
                out.write("two\n".getBytes(ISO_8859_1));
                LogWriter second = fixture.launch(fixture.afterLoss(1024));
                err.write("three\n".getBytes(ISO_8859_1));
                WriterFixture.stop(second);
            }
            assertThat(fixture.lines().stream().map(WriterFixture::untimed))
                    .containsExactly(
                            "stdout F one",
                            "stderr F berth: log writer was killed; output may be missing before"
                                    + " this line",
                            "stdout F two",
                            "stderr F three");
        }
    }

    @Test
    void aSuccessorThatComesAfterTheOutputsEndEndsToo() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter first = fixture.launch(1024);
            WriterFixture.open(fixture.stdout).close();
            ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
            WriterFixture.eventually("death", () -> !isAlive(first));
            LogWriter second = fixture.launch(fixture.afterLoss(1024));
            second.waitDrained(WriterFixture.LIMIT);
            assertThat(fixture.control).doesNotExist();
            assertThat(fixture.lines()).singleElement().asString().contains("was killed");
        }
    }

    @Test
    void stopTakesWhatIsThereAndIsIdempotent() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(1024);
            try (var out = WriterFixture.open(fixture.stdout)) {
                out.write("line\nend".getBytes(ISO_8859_1));
                WriterFixture.stop(writer);
            }
            assertThat(fixture.lines().stream().map(WriterFixture::untimed))
                    .containsExactly("stdout F line", "stdout P end");
            WriterFixture.stop(writer);
        }
    }

    @Test
    void aTornLastLineOfAKilledWriterIsEndedByTheNext() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            Files.writeString(fixture.log, "2026-11-21T00:00:00Z stdout F cut sho");
            LogWriter writer = fixture.launch(1024);
            try (var out = WriterFixture.open(fixture.stdout)) {
                out.write("next\n".getBytes(ISO_8859_1));
                WriterFixture.stop(writer);
            }
            assertThat(fixture.lines()).hasSize(2).last().asString().endsWith(" stdout F next");
        }
    }

    @Test
    void aLiveWriterIsNeverReplaced() {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(1024);
            assertThatExceptionOfType(LogWriterException.LaunchFailed.class)
                    .isThrownBy(() -> fixture.launch(1024))
                    .withMessageContaining("a live writer listens there");
            writer.ping();
            assertThat(fixture.stdout).exists();
            assertThat(fixture.log).exists();
            WriterFixture.stop(writer);
        }
    }

    @Test
    void aFailedLaunchLeavesNothing() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            Files.writeString(fixture.stderr, "not a fifo");
            assertThatExceptionOfType(LogWriterException.LaunchFailed.class)
                    .isThrownBy(() -> fixture.launch(1024))
                    .withMessageContaining("fifo " + fixture.stderr + ": not a FIFO");
            Files.delete(fixture.stderr);
            assertThat(folder).isEmptyDirectory();
            var missing =
                    new LogWriterRequest(
                            new LogStreams.Separate(fixture.stdout, fixture.stderr),
                            new LogTarget.LogFile(folder.resolve("missing/0.log")),
                            fixture.control,
                            1024);
            assertThatExceptionOfType(LogWriterException.LaunchFailed.class)
                    .isThrownBy(() -> fixture.launch(missing))
                    .withMessageContaining("missing/0.log: No such file or directory");
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void withoutALogPathOutputIsReadAndCounted() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer =
                    fixture.launch(
                            new LogWriterRequest(
                                    new LogStreams.Separate(fixture.stdout, fixture.stderr),
                                    new LogTarget.Discard(),
                                    fixture.control,
                                    1024));
            try (var out = WriterFixture.open(fixture.stdout)) {
                out.write(new byte[2_000_000]);
                WriterFixture.eventually(
                        "all read", () -> writer.stats().stdout().bytes() == 2_000_000);
                assertThatExceptionOfType(LogWriterException.Refused.class)
                        .isThrownBy(() -> WriterFixture.reopen(writer))
                        .withMessageContaining("keeps no log file");
                WriterFixture.stop(writer);
            }
            assertThat(fixture.log).doesNotExist();
        }
    }

    private static boolean isAlive(LogWriter writer) {
        return io.berth.linux.Processes.isRunning(writer.pid(), writer.startTime());
    }
}
