package io.berth.sandbox.resource;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.ProcessCalls;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Ends plugins of the node that were started by a daemon, with their children. They are known by a
 * mark in their environment; no other process is ever signalled.
 */
public final class PluginRemover implements Remover {
    /** The variable in a plugin's environment that holds its key. */
    public static final String MARK = "BERTH_NRI_PLUGIN";

    private final Linux linux;
    private final Path folder;
    private final Duration limit;

    /**
     * @param folder above all keys of this daemon's plugins
     * @param limit how long a killed process may take to go
     */
    public PluginRemover(Linux linux, Path folder, Duration limit) {
        this.linux = linux;
        this.folder = folder;
        this.limit = limit;
    }

    @Override
    public void remove(Ledger.Entry entry) throws IOException {
        var found = ProcessHandle.allProcesses().filter(each -> has(each, entry.key())).toList();
        for (var process : found) {
            end(process, entry.key());
        }
    }

    private void end(ProcessHandle process, String key) throws IOException {
        try (var pidfd = linux.pidfdOpen(Math.toIntExact(process.pid()))) {
            // The pid may have changed hands before the descriptor fixed it: look again.
            if (!has(process, key)) {
                return;
            }
            linux.pidfdSendSignal(pidfd, ProcessCalls.SIGKILL);
            if (!linux.awaitExit(pidfd, limit)) {
                throw new IOException(
                        "nri plugin %s: its process %d still lives %s after SIGKILL"
                                .formatted(key, process.pid(), limit));
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }

    @Override
    public Set<String> standing() {
        var keys = new HashSet<String>();
        ProcessHandle.allProcesses()
                .forEach(
                        each ->
                                keyOf(each)
                                        .filter(key -> Path.of(key).startsWith(folder))
                                        .ifPresent(keys::add));
        return keys;
    }

    private static boolean has(ProcessHandle process, String key) {
        return keyOf(process).filter(key::equals).isPresent();
    }

    private static Optional<String> keyOf(ProcessHandle process) {
        try {
            var bytes =
                    Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), "environ"));
            return Arrays.stream(new String(bytes, StandardCharsets.UTF_8).split("\0", -1))
                    .filter(variable -> variable.startsWith(MARK + "="))
                    .map(variable -> variable.substring(MARK.length() + 1))
                    .findFirst();
        } catch (IOException gone) {
            return Optional.empty(); // it ended while we looked, or is the kernel's
        }
    }
}
