package io.berth.sandbox.operation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.ProcessTimeout;
import io.berth.linux.Processes;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.runtime.RuntimeBinary;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * The program that saves and restores processes, as OCI runtimes find it. Whether it can work here
 * is asked of itself, until it says yes.
 */
final class Criu {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int MAX_OUTPUT_BYTES = 64 << 10;
    private static final int MAX_QUOTED_CHARS = 400;
    private static final int MAX_COMPLAINT_CHARS = 600;
    private static final int MAX_LOG_BYTES = 64 << 10;

    private final Processes processes;
    private final String path;
    private final AtomicBoolean works = new AtomicBoolean();

    Criu(Processes processes) {
        this(processes, RuntimeBinary.PATH);
    }

    Criu(Processes processes, String path) {
        this.processes = processes;
        this.path = path;
    }

    /**
     * Returns if processes can be saved on this machine.
     *
     * @throws SandboxException.WrongState saying why they cannot
     */
    void require() throws IOException {
        if (works.get()) {
            return;
        }
        var program =
                found().orElseThrow(
                                () ->
                                        new SandboxException.WrongState(
                                                "checkpoint: found no criu in %s; install it"
                                                        .formatted(path)));
        var said = Operations.step("criu.check", program.toString(), () -> check(program));
        if (said.isPresent()) {
            throw new SandboxException.WrongState(
                    "checkpoint: %s cannot work on this machine: %s"
                            .formatted(program, said.get()));
        }
        works.set(true);
    }

    private Optional<Path> found() {
        return List.of(path.split(":", -1)).stream()
                .map(folder -> Path.of(folder, "criu"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The errors at the end of one of its logs, which an OCI runtime's words only point at. */
    static String complaint(Path log) {
        try (var file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(Math.max(0, file.length() - MAX_LOG_BYTES));
            var end = new byte[(int) Math.min(file.length(), MAX_LOG_BYTES)];
            file.readFully(end);
            var errors =
                    new String(end, UTF_8)
                            .lines()
                            .filter(line -> line.contains("Error ("))
                            .collect(Collectors.joining("; "));
            var last = errors.substring(Math.max(0, errors.length() - MAX_COMPLAINT_CHARS));
            return last.isEmpty() ? "" : ": criu says: " + last;
        } catch (IOException none) {
            return ""; // it had nothing to say, or never ran
        }
    }

    /** What it complains of. */
    private Optional<String> check(Path program) throws IOException {
        try {
            var done =
                    processes.run(
                            new Processes.Launch(
                                    List.of(program.toString(), "check"),
                                    Path.of("/"),
                                    Map.of("PATH", path),
                                    new byte[0],
                                    LIMIT,
                                    MAX_OUTPUT_BYTES));
            if (done.exitCode() == 0) {
                return Optional.empty();
            }
            var words = (done.stdoutText() + " " + done.stderrText()).strip();
            return Optional.of(words.substring(Math.max(0, words.length() - MAX_QUOTED_CHARS)));
        } catch (ProcessTimeout slow) {
            return Optional.of(String.valueOf(slow.getMessage()));
        }
    }
}
