package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Starts programs, waits for them and takes their output; needs an open step. */
public final class Processes {
    /** How long output is still taken after the exit, when a child of the process keeps it open. */
    private static final Duration DRAIN = Duration.ofSeconds(1);

    /**
     * A program to run. {@code environment} is all it gets: nothing is inherited. {@code
     * maxOutputBytes} holds for stdout and stderr each.
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes to hand on, never compared
    public record Launch(
            List<String> command,
            Path workingDirectory,
            Map<String, String> environment,
            byte[] stdin,
            Duration timeout,
            int maxOutputBytes) {
        public Launch {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
            if (command.isEmpty()) {
                throw new IllegalArgumentException("launch: found no command, wanted a program");
            }
            if (!timeout.isPositive()) {
                throw new IllegalArgumentException(
                        "launch of %s: found timeout %s, wanted a positive one"
                                .formatted(command.getFirst(), timeout));
            }
            if (maxOutputBytes < 0) {
                throw new IllegalArgumentException(
                        "launch of %s: found output limit %d, wanted zero or more"
                                .formatted(command.getFirst(), maxOutputBytes));
            }
        }

        /** The program, as messages name it. */
        String program() {
            return command.getFirst();
        }
    }

    /** A program that ended. Killed by signal N, its exit code is 128 + N. */
    @SuppressWarnings("ArrayRecordComponent") // bytes to hand on, never compared
    public record Completed(int exitCode, byte[] stdout, byte[] stderr, Duration took) {
        /** stdout as text, without white space at its ends. */
        public String stdoutText() {
            return new String(stdout, UTF_8).strip();
        }

        /** stderr as text, without white space at its ends. */
        public String stderrText() {
            return new String(stderr, UTF_8).strip();
        }
    }

    /** The room in memory that the outputs of one program take. */
    public interface Room extends AutoCloseable {
        /** A room without an end, for programs whose limits alone keep their outputs short. */
        Room ENDLESS =
                new Room() {
                    @Override
                    public void grow(long more) {}

                    @Override
                    public void keep() {}

                    @Override
                    public void close() {}
                };

        /**
         * Takes more of it, before the bytes are taken.
         *
         * @throws RuntimeException when there is none; the program is killed, and its caller gets
         *     this
         */
        void grow(long more);

        /** Leaves it to those who go on with the outputs. */
        void keep();

        /** Gives it back, as the outputs are of no use. */
        @Override
        void close();
    }

    private final Supplier<Room> rooms;

    /** Starts nothing yet. Its programs print little. */
    public Processes() {
        this(() -> Room.ENDLESS);
    }

    /**
     * Starts nothing yet.
     *
     * @param rooms gives each program a room of its own
     */
    public Processes(Supplier<Room> rooms) {
        this.rooms = rooms;
    }

    /**
     * Runs a program to its end; any exit code is a result, not an error. Output of children that
     * outlive the program is not waited for.
     *
     * @throws ProcessTimeout when it takes longer than its timeout
     * @throws ProcessOutputLimit when it writes more than its limit
     * @throws InterruptedIOException when this thread is interrupted; the program is killed
     * @throws IOException when it cannot be started
     */
    public Completed run(Launch launch) throws IOException {
        Steps.require("process " + launch.program());
        long begun = System.nanoTime();
        Process process = start(launch);
        var room = rooms.get();
        boolean completed = false;
        try {
            var stdout =
                    new OutputCapture(process, process.getInputStream(), launch, "stdout", room);
            var stderr =
                    new OutputCapture(process, process.getErrorStream(), launch, "stderr", room);
            InputFeed.feed(process.getOutputStream(), launch);
            if (!process.waitFor(launch.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new ProcessTimeout(
                        "process %s: still running after %s, killed"
                                .formatted(launch.program(), launch.timeout()));
            }
            byte[] out = stdout.await(DRAIN);
            byte[] err = stderr.await(DRAIN);
            completed = true;
            return new Completed(
                    process.exitValue(), out, err, Duration.ofNanos(System.nanoTime() - begun));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException(
                                    "process %s: killed on interrupt".formatted(launch.program()))
                            .initCause(interrupted);
        } finally {
            ProcessTree.kill(process);
            if (completed) {
                room.keep();
            } else {
                room.close();
            }
        }
    }

    private static Process start(Launch launch) throws IOException {
        var builder = new ProcessBuilder(launch.command());
        builder.directory(launch.workingDirectory().toFile());
        builder.environment().clear();
        builder.environment().putAll(launch.environment());
        return builder.start();
    }

    /**
     * When a process started, in clock ticks since boot (field 22 of /proc/PID/stat): with its id
     * it names a process for good. Empty when there is none.
     */
    public static OptionalLong startTime(int pid) {
        return ProcessStat.of(pid).stream().mapToLong(ProcessStat::startTime).findFirst();
    }

    /** Whether a process with this id and start time exists and is not a zombie. */
    public static boolean isRunning(int pid, long startTime) {
        return ProcessStat.of(pid)
                .filter(found -> found.startTime() == startTime)
                .filter(ProcessStat::runs)
                .isPresent();
    }
}
