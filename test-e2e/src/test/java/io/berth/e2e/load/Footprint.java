package io.berth.e2e.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.e2e.node.NodeMetrics;
import io.berth.e2e.node.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the daemon and one pod's shim hold, from proc.
 *
 * @param daemonThreads of the kernel's kind: carriers, compilers, event loops
 * @param heapKib what the daemon's heap still holds after a collection
 * @param outsideKib the daemon's other memory: what is resident, less what the heap has been given
 */
public record Footprint(
        int daemonFds,
        int daemonThreads,
        long heapKib,
        long outsideKib,
        int shimFds,
        long shimKib) {
    private static final Path PROC = Path.of("/proc");

    /** The footprint now; the sandbox's id is in its shim's command line. */
    public static Footprint of(TestNode node, String sandbox) throws IOException {
        var daemon = PROC.resolve(Long.toString(node.daemon().pid()));
        var shim = shim(sandbox);
        collect(daemon);
        long heap = heapKib(node, "jvm_memory_used_bytes");
        long given = heapKib(node, "jvm_memory_committed_bytes");
        return new Footprint(
                count(daemon.resolve("fd")),
                count(daemon.resolve("task")),
                heap,
                residentKib(daemon) - given,
                count(shim.resolve("fd")),
                residentKib(shim));
    }

    private static long heapKib(TestNode node, String metric) throws IOException {
        return (long) NodeMetrics.sum(node, metric, "area=\"heap\"") / 1024;
    }

    /** Has the daemon collect its garbage, by the tool of the JDK that this test runs on. */
    private static void collect(Path daemon) throws IOException {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        var pid = daemon.getFileName().toString();
        var process =
                new ProcessBuilder(jcmd.toString(), pid, "GC.run")
                        .redirectErrorStream(true)
                        .start();
        var said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException("jcmd %s GC.run: %s".formatted(pid, said));
        }
    }

    /** The folder of a pod's shim in proc. */
    static Path shim(String sandbox) throws IOException {
        try (var processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var process : processes) {
                if (commandOf(process).contains("shim") && commandOf(process).contains(sandbox)) {
                    return process;
                }
            }
        }
        throw new IOException("sandbox " + sandbox + ": found no shim");
    }

    private static String commandOf(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), UTF_8);
        } catch (IOException ended) {
            return "";
        }
    }

    private static int count(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return (int) entries.count();
        }
    }

    /** Resident memory, of which pages that several processes share count in part. */
    private static long residentKib(Path process) throws IOException {
        for (var line : Files.readAllLines(process.resolve("smaps_rollup"), UTF_8)) {
            if (line.startsWith("Pss:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException(process + ": found no Pss in smaps_rollup");
    }

    /**
     * What has grown since an earlier one, in words. A few threads come and go with the JVM's own
     * work, and its compilers take memory for a while; what is lost at each command shows beside
     * that.
     */
    public List<String> growthSince(Footprint before) {
        var grown = new ArrayList<String>();
        check(grown, "descriptors of the daemon", before.daemonFds, daemonFds, 2);
        check(grown, "threads of the daemon", before.daemonThreads, daemonThreads, 12);
        check(grown, "heap of the daemon in KiB", before.heapKib, heapKib, 8 << 10);
        check(grown, "other memory of the daemon in KiB", before.outsideKib, outsideKib, 48 << 10);
        check(grown, "descriptors of the shim", before.shimFds, shimFds, 17);
        check(grown, "memory of the shim in KiB", before.shimKib, shimKib, 16 << 10);
        return grown;
    }

    private static void check(List<String> to, String what, long before, long after, long most) {
        if (after - before > most) {
            to.add("%s: found %d, were %d, may be %d more".formatted(what, after, before, most));
        }
    }
}
