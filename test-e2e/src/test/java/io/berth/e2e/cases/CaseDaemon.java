package io.berth.e2e.cases;

import io.berth.e2e.cri.CriClient;
import io.berth.e2e.cri.PodHost;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.node.BerthUnderTest;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.run.Command;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The running daemon that a case is tried on: one of a test, or any that the environment names.
 *
 * @param client a connection to its socket
 * @param socket the CRI socket
 * @param command the {@code berth} command
 * @param pid the daemon's process
 * @param state the daemon's folder for runtime state
 * @param log the file that holds the daemon's log
 * @param work a private folder for the case's own files
 * @param mark part of the uid of every pod of the case
 */
public record CaseDaemon(
        CriClient client,
        Path socket,
        List<String> command,
        long pid,
        Path state,
        Path log,
        Path work,
        String mark)
        implements PodHost {

    private static final Duration LOAD_LIMIT = Duration.ofMinutes(2);

    /** Returns the daemon of a test's node. */
    public static CaseDaemon of(TestNode node) throws IOException {
        var folders = node.folders();
        return new CaseDaemon(
                node.client(),
                folders.socket(),
                BerthUnderTest.program(),
                node.daemon().pid(),
                folders.state(),
                folders.daemonLog(),
                Files.createDirectories(folders.top().resolve("cases")),
                folders.mark());
    }

    /**
     * Returns the daemon that the environment names: BERTH_SOCKET, BERTH_PID, BERTH_LOG, and
     * optionally BERTH (the command) and BERTH_STATE.
     *
     * @throws IOException if a variable is missing, naming it
     */
    public static CaseDaemon ofEnvironment(Path work) throws IOException {
        var socket = Path.of(variable("BERTH_SOCKET"));
        var command = System.getenv().getOrDefault("BERTH", "berth");
        var state = System.getenv().getOrDefault("BERTH_STATE", "/run/berth");
        return new CaseDaemon(
                CriClient.of(socket),
                socket,
                List.of(command),
                Long.parseLong(variable("BERTH_PID")),
                Path.of(state),
                Path.of(variable("BERTH_LOG")),
                work,
                "case-" + ProcessHandle.current().pid());
    }

    private static String variable(String name) throws IOException {
        var value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IOException("environment: %s is not set".formatted(name));
        }
        return value;
    }

    /** Loads an image under a reference through {@code berth image load}. */
    public Command.Result load(TestImage image, String reference) throws IOException {
        return load(Map.of(reference, image));
    }

    /** Loads images under references, all from one archive. */
    public Command.Result load(Map<String, TestImage> images) throws IOException {
        var archive = Files.createTempFile(work, "image-", ".tar");
        try {
            Files.write(archive, TestImage.archive(images));
            var words = new ArrayList<>(command);
            words.addAll(List.of("image", "load", "--socket", socket.toString()));
            words.add(archive.toString());
            return Command.run(LOAD_LIMIT, words);
        } finally {
            Files.deleteIfExists(archive);
        }
    }

    /** Returns whether the daemon's process is the one that it was and answers within 10 s. */
    public boolean alive() {
        var process = ProcessHandle.of(pid);
        if (process.isEmpty() || !process.get().isAlive()) {
            return false;
        }
        try {
            client.version(10);
            return true;
        } catch (StatusRuntimeException silent) {
            return false;
        }
    }

    /** The reference of the image that {@link HostileCases} loads before the first case. */
    @Override
    public String reference() {
        return "cases.local/busybox:1";
    }

    @Override
    public Path logs() {
        return work.resolve("logs");
    }
}
