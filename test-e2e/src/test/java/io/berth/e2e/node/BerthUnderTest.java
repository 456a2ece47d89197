package io.berth.e2e.node;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The daemon as a process of its own, from a distribution ({@code BERTH_HOME}) or from a class path
 * ({@code BERTH_CLASS_PATH}). Nothing of it is loaded into the test.
 */
public final class BerthUnderTest extends DaemonUnderTest {
    /** In a daemon's environment: the distribution that it is run from, instead of this one. */
    public static final String OTHER_HOME = "E2E_OTHER_HOME";

    private BerthUnderTest(NodeFolders folders, Process process, Duration startTook) {
        super(process, folders.daemonLog(), startTook);
    }

    /** Starts the daemon; it answers Version on return. */
    public static BerthUnderTest start(NodeFolders folders, Map<String, String> environment)
            throws IOException {
        var begin = Instant.now();
        var process = launch(folders, List.of(), environment);
        return new BerthUnderTest(folders, process, awaitAnswer(folders, process, begin));
    }

    /** Starts the daemon's program and waits for nothing; its output is added to the log. */
    public static Process launch(
            NodeFolders folders, List<String> prefix, Map<String, String> environment)
            throws IOException {
        var command = new ArrayList<>(prefix);
        var home = environment.get(OTHER_HOME);
        command.addAll(home == null ? program() : List.of(home + "/bin/berth"));
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

    /** The last lines of the daemon's log. */
    public static String tail(NodeFolders folders) throws IOException {
        return tail(folders.daemonLog());
    }
}
