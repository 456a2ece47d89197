package io.berth.shimclient.writer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.berth.linux.Processes;
import io.berth.linux.step.StepBody;
import io.berth.linux.step.Steps;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One real log writer in a folder of its own, and the container's ends of its FIFOs. */
final class WriterFixture implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(60);
    static final NativeProgram PROGRAM =
            NativeProgram.at(Path.of(System.getProperty("berth.native")));

    final Path folder;
    final Path log;
    final Path control;
    final Path stdout;
    final Path stderr;
    private final List<LogWriter> launched = new ArrayList<>();

    WriterFixture(Path folder) {
        this.folder = folder;
        this.log = folder.resolve("0.log");
        this.control = folder.resolve("control.sock");
        this.stdout = folder.resolve("stdout");
        this.stderr = folder.resolve("stderr");
    }

    LogWriter launch(int maxLineBytes) {
        return launch(
                new LogWriterRequest(
                        new LogStreams.Separate(stdout, stderr),
                        new LogTarget.LogFile(log),
                        control,
                        maxLineBytes));
    }

    /** A writer in place of one that was killed. */
    LogWriterRequest afterLoss(int maxLineBytes) {
        return new LogWriterRequest(
                new LogStreams.Separate(stdout, stderr),
                new LogTarget.LogFile(log),
                control,
                maxLineBytes,
                true);
    }

    LogWriter launch(LogWriterRequest request) {
        var writers = new LogWriters(PROGRAM, new Processes(), LIMIT);
        LogWriter writer = step(() -> writers.launch(request));
        launched.add(writer);
        return writer;
    }

    static <T> T step(StepBody<T> body) {
        try {
            return Steps.run("test.writer", "test", body);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static void reopen(LogWriter writer) {
        step(
                () -> {
                    writer.reopen();
                    return true;
                });
    }

    static void stop(LogWriter writer) {
        step(
                () -> {
                    writer.stop();
                    return true;
                });
    }

    /** The container's end of a FIFO; there is a reader, so that it opens at once. */
    static OutputStream open(Path fifo) throws IOException {
        return new FileOutputStream(fifo.toFile());
    }

    List<String> lines() throws IOException {
        return lines(log);
    }

    /** Whole lines; fails when the file ends within one. */
    static List<String> lines(Path file) throws IOException {
        String text = Files.readString(file, ISO_8859_1);
        if (!text.isEmpty() && !text.endsWith("\n")) {
            throw new AssertionError(file + ": ends within a line");
        }
        return text.isEmpty()
                ? List.of()
                : List.of(text.substring(0, text.length() - 1).split("\n", -1));
    }

    /** A line without its time. */
    static String untimed(String line) {
        return line.substring(line.indexOf(' ') + 1);
    }

    static void eventually(String what, BooleanSupplier condition) {
        long until = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("not within " + LIMIT + ": " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** Ends what still runs, so that a failed test leaves no process behind. */
    @Override
    public void close() {
        for (LogWriter writer : launched) {
            ProcessHandle.of(writer.pid())
                    .filter(process -> Processes.isRunning(writer.pid(), writer.startTime()))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
