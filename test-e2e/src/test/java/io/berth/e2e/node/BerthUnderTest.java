package io.berth.e2e.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.e2e.cri.CriClient;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The daemon as a process of its own, from a distribution ({@code BERTH_HOME}) or from a class path
 * ({@code BERTH_CLASS_PATH}). Nothing of it is loaded into the test.
 */
public final class BerthUnderTest {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final int LOG_TAIL_LINES = 60;

    private final NodeFolders folders;
    private final Process process;
    private final Duration startTook;

    private BerthUnderTest(NodeFolders folders, Process process, Duration startTook) {
        this.folders = folders;
        this.process = process;
        this.startTook = startTook;
    }

    /** Starts the daemon; it answers Version on return. */
    public static BerthUnderTest start(NodeFolders folders, Map<String, String> environment)
            throws IOException {
        var begin = Instant.now();
        var process = launch(folders, List.of(), environment);
        awaitAnswer(folders, process, begin.plus(START));
        return new BerthUnderTest(folders, process, Duration.between(begin, Instant.now()));
    }

    /** Starts the daemon's program and waits for nothing; its output is added to the log. */
    public static Process launch(
            NodeFolders folders, List<String> prefix, Map<String, String> environment)
            throws IOException {
        var command = new ArrayList<>(prefix);
        command.addAll(program());
        command.addAll(List.of("daemon", "--config", folders.config().toString()));
        var builder =
                new ProcessBuilder(command)
                        .redirectInput(new java.io.File("/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(folders.daemonLog().toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("BERTH_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The command that is {@code berth}. */
    public static List<String> program() throws IOException {
        var home = System.getenv("BERTH_HOME");
        if (home != null) {
            return List.of(home + "/bin/berth");
        }
        var classPath = System.getenv("BERTH_CLASS_PATH");
        if (classPath == null) {
            throw new IOException(
                    "daemon: found neither BERTH_HOME, a distribution, nor BERTH_CLASS_PATH");
        }
        return List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-Xmx192m",
                "-cp",
                classPath,
                "io.berth.daemon.Main");
    }

    private static void awaitAnswer(NodeFolders folders, Process process, Instant deadline)
            throws IOException {
        // A socket file from before a kill refuses until the daemon has made its own.
        while (true) {
            if (!process.isAlive()) {
                throw new IOException(
                        "daemon: ended with %d before it answered\n%s"
                                .formatted(process.exitValue(), tail(folders)));
            }
            if (Files.exists(folders.socket()) && answers(folders)) {
                return;
            }
            if (Instant.now().isAfter(deadline)) {
                var stacks = stacks(process, folders);
                process.destroyForcibly();
                throw new IOException(
                        "daemon: no answer within %s\n%s%s"
                                .formatted(START, tail(folders), stacks));
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    /** Asks the JVM for its threads, which then stand in the log. */
    private static String stacks(Process process, NodeFolders folders) throws IOException {
        new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start();
        LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
        return tail(folders);
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
                        "daemon: still running %s after its signal\n%s"
                                .formatted(STOP, tail(folders)));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the daemon ended", stopped);
        }
    }

    /** The last lines of the daemon's log. */
    public static String tail(NodeFolders folders) throws IOException {
        return tail(folders.daemonLog());
    }

    private static String tail(Path log) throws IOException {
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
