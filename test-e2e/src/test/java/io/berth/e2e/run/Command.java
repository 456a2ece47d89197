package io.berth.e2e.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of the host, run to their end. */
public final class Command {
    private Command() {}

    /** What a program said and how it ended. */
    public record Result(int exitCode, String output, String error) {}

    /**
     * Runs a program without input and returns what it wrote.
     *
     * @throws IOException if it cannot be started or has not ended in time; it is killed then
     */
    public static Result run(Duration limit, String... command) throws IOException {
        return run(limit, List.of(command));
    }

    /** The same with a list. */
    public static Result run(Duration limit, List<String> command) throws IOException {
        var output = Files.createTempFile("b-out-", "");
        var error = Files.createTempFile("b-err-", "");
        try {
            var process =
                    new ProcessBuilder(command)
                            .redirectInput(new java.io.File("/dev/null"))
                            .redirectOutput(output.toFile())
                            .redirectError(error.toFile())
                            .start();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IOException(
                        "%s: found it running after %s, wanted its end"
                                .formatted(String.join(" ", command), limit));
            }
            return new Result(
                    process.exitValue(),
                    Files.readString(output, UTF_8),
                    Files.readString(error, UTF_8));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while running " + command.getFirst(), stopped);
        } finally {
            Files.deleteIfExists(output);
            Files.deleteIfExists(error);
        }
    }

    /** Runs a program that has to succeed, and returns its output. */
    public static String need(Duration limit, String... command) throws IOException {
        var result = run(limit, command);
        if (result.exitCode() != 0) {
            throw new IOException(
                    "%s: exit %d: %s"
                            .formatted(
                                    String.join(" ", command),
                                    result.exitCode(),
                                    result.error().strip()));
        }
        return result.output();
    }
}
