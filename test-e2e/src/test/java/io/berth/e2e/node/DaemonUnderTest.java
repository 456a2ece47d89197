package io.berth.e2e.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.e2e.cri.CriClient;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A daemon that serves the CRI, as a process that was started here. */
public class DaemonUnderTest {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final int LOG_TAIL_LINES = 60;

    private final Process process;
    private final Path log;
    private final Duration startTook;

    DaemonUnderTest(Process process, Path log, Duration startTook) {
        this.process = process;
        this.log = log;
        this.startTook = startTook;
    }

    /** Any daemon that was just started on a node's socket and writes its log; it answers. */
    public static DaemonUnderTest started(NodeFolders folders, Process process, Instant begin)
            throws IOException {
        return new DaemonUnderTest(
                process, folders.daemonLog(), awaitAnswer(folders, process, begin));
    }

    /**
     * Waits until a daemon answers Version; how long that took since {@code begin}.
     *
     * @throws IOException if it ends or does not answer in time; it is killed then
     */
    static Duration awaitAnswer(NodeFolders folders, Process process, Instant begin)
            throws IOException {
        var deadline = begin.plus(START);
        // A socket file from before a kill refuses until the daemon has made its own.
        while (true) {
            if (!process.isAlive()) {
                throw new IOException(
                        "daemon: ended with %d before it answered\n%s"
                                .formatted(process.exitValue(), tail(folders.daemonLog())));
            }
            if (Files.exists(folders.socket()) && answers(folders)) {
                return Duration.between(begin, Instant.now());
            }
            if (Instant.now().isAfter(deadline)) {
                var stacks = stacks(process, folders.daemonLog());
                process.destroyForcibly();
                throw new IOException(
                        "daemon: no answer within %s\n%s%s"
                                .formatted(START, tail(folders.daemonLog()), stacks));
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    /** Asks the JVM for its threads, which then stand in the log. */
    private static String stacks(Process process, Path log) throws IOException {
        new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start();
        LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
        return tail(log);
    }

    private static boolean answers(NodeFolders folders) {
        try (var client = CriClient.of(folders.socket())) {
            client.version(2);
            return true;
        } catch (StatusRuntimeException notYet) {
            return false;
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** From the launch to the first answer. */
    public Duration startTook() {
        return startTook;
    }

    /** SIGKILL, and waits for the end. */
    public void kill() throws IOException {
        process.destroyForcibly();
        awaitEnd();
    }

    /** SIGTERM, and waits for the end, whose exit code it returns. */
    public int terminate() throws IOException {
        process.destroy();
        awaitEnd();
        return process.exitValue();
    }

    /** Waits for an end that something else brings about. */
    public void awaitEnd() throws IOException {
        try {
            if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IOException(
                        "daemon: still running %s after its signal\n%s".formatted(STOP, tail(log)));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the daemon ended", stopped);
        }
    }

    /** The last lines of a log. */
    static String tail(Path log) throws IOException {
        if (!Files.exists(log)) {
            return "";
        }
        var lines = new String(Files.readAllBytes(log), UTF_8).lines().toList();
        return String.join(
                        "\n",
                        lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()))
                + "\n";
    }
}
