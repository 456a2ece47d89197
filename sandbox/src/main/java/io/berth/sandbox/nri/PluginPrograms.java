package io.berth.sandbox.nri;

import io.berth.linux.Processes;
import io.berth.linux.step.Steps;
import io.berth.sandbox.resource.PluginRemover;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Starts plugins as processes of their own, and ends them. Each stands in the ledger from before
 * its start to after its end, so that the next daemon ends what this one could not.
 */
public final class PluginPrograms {
    /** The owner of plugins in the ledger, which lives as long as the daemon. */
    public static final String OWNER = "nri";

    private static final Duration START_LIMIT = Duration.ofSeconds(10);
    private static final int OUTPUT_LIMIT = 4096;

    private final Path folder;
    private final Path nativeProgram;
    private final Processes processes;
    private final Ledger ledger;
    private final PluginRemover remover;

    /**
     * @param folder where the socket lies over which a plugin is given its connection
     * @param nativeProgram connects and then becomes the plugin
     */
    public PluginPrograms(
            Path folder,
            Path nativeProgram,
            Processes processes,
            Ledger ledger,
            PluginRemover remover) {
        this.folder = folder;
        this.nativeProgram = nativeProgram;
        this.processes = processes;
        this.ledger = ledger;
        this.remover = remover;
    }

    /**
     * Starts a program with one end of a connection as descriptor 3; the other is returned. An
     * earlier run of it that is still there is ended first.
     *
     * @throws IOException if it cannot be started; nothing of it stays
     */
    SocketChannel launch(PluginName name, Path program) throws IOException {
        end(name);
        var key = key(name);
        ledger.intend(
                new Ledger.Entry(
                        ResourceKind.NRI_PLUGIN.word(), key, OWNER, Clock.systemUTC().instant()));
        var socket = folder.resolve("launch.sock");
        Files.deleteIfExists(socket);
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            listener.configureBlocking(false);
            Steps.run("nri-plugin.start", key, () -> start(name, program, socket));
            var connection = listener.accept();
            if (connection == null) {
                throw new IOException(program + ": started without a connection");
            }
            return connection;
        } catch (IOException failure) {
            end(name);
            throw failure;
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    /** The environment is what the NRI gives a plugin, and the mark by which it is known. */
    private void start(PluginName name, Path program, Path socket) throws IOException {
        var completed =
                processes.run(
                        new Processes.Launch(
                                List.of(
                                        nativeProgram.toString(),
                                        "plugin",
                                        "--socket",
                                        socket.toString(),
                                        "--program",
                                        program.toString()),
                                Path.of("/"),
                                Map.of(
                                        "NRI_PLUGIN_NAME",
                                        name.base(),
                                        "NRI_PLUGIN_IDX",
                                        name.index(),
                                        "NRI_PLUGIN_SOCKET",
                                        "3",
                                        PluginRemover.MARK,
                                        key(name)),
                                new byte[0],
                                START_LIMIT,
                                OUTPUT_LIMIT));
        if (completed.exitCode() != 0) {
            throw new IOException(program + ": not started: " + completed.stderrText());
        }
    }

    /** Ends what was started under a name; one that is gone has ended. */
    void end(PluginName name) throws IOException {
        var entry = ledger.find(ResourceKind.NRI_PLUGIN.word(), key(name));
        if (entry.isPresent()) {
            end(entry.get());
        }
    }

    /** Ends what an earlier daemon has started and could not end. */
    void endEarlier() throws IOException {
        for (var entry : ledger.of(OWNER)) {
            end(entry);
        }
    }

    private void end(Ledger.Entry entry) throws IOException {
        Steps.run("nri-plugin.remove", entry.key(), () -> remover.remove(entry));
        ledger.strike(entry.kind(), entry.key());
    }

    private String key(PluginName name) {
        return folder.resolve(name.toString()).toString();
    }
}
