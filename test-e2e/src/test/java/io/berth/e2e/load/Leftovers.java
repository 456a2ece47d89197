package io.berth.e2e.load;

import io.berth.e2e.node.NodeMetrics;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What sessions of one container have left, wherever that may be. */
public final class Leftovers {
    /** Three a terminal: the terminal, and twice the FIFO of its input. */
    private static final int KEPT = 15;

    private final TestNode node;
    private final Kubelet kubelet;
    private final String sandbox;
    private final String container;

    public Leftovers(TestNode node, String sandbox, String container) {
        this.node = node;
        this.kubelet = new Kubelet(node);
        this.sandbox = sandbox;
        this.container = container;
    }

    /** Everything that is still there, in words; empty when all is gone. */
    public List<String> found() throws IOException {
        var found = new ArrayList<String>();
        for (var gauge : List.of("berth_stream_clients", "berth_stream_work")) {
            double value = NodeMetrics.sum(node, gauge);
            if (value != 0) {
                found.add("%s is %.0f".formatted(gauge, value));
            }
        }
        var state = node.folders().state();
        files(found, "FIFO", state.resolve("io").resolve(container), "exec-*");
        files(found, "exec in the shim", state.resolve("bundles").resolve(container), "exec-*.pid");
        processes(found);
        descriptors(found);
        return found;
    }

    private static void files(List<String> found, String what, Path folder, String pattern)
            throws IOException {
        try (var entries = Files.newDirectoryStream(folder, pattern)) {
            entries.forEach(each -> found.add(what + " " + each.getFileName()));
        } catch (NoSuchFileException gone) {
            found.add(what + ": no folder " + folder);
        }
    }

    private void processes(List<String> found) {
        var mark = AbandonedSessions.MARK;
        // In the pattern's own line the mark does not stand.
        var pattern = mark.substring(0, 5) + "[" + mark.substring(5) + "]";
        var script = "grep -l '" + pattern + "' /proc/[0-9]*/cmdline 2> /dev/null; true";
        kubelet.exec(container, "sh", "-c", script)
                .getStdout()
                .toStringUtf8()
                .lines()
                .forEach(line -> found.add("process " + line));
    }

    /**
     * Open files of the shim that belong to no command that is there, if they are more than the few
     * that a shim keeps of terminals to which was typed in the moment of their end.
     */
    private void descriptors(List<String> all) throws IOException {
        var found = new ArrayList<String>();
        var folder = Footprint.shim(sandbox).resolve("fd");
        try (var entries = Files.list(folder)) {
            for (var entry : entries.toList()) {
                var target = target(entry);
                if (target.contains("/exec-") || target.endsWith("/ptmx")) {
                    found.add("descriptor of the shim " + target);
                }
            }
        }
        if (found.size() > KEPT) {
            all.addAll(found);
        }
    }

    private static String target(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException closed) {
            return "";
        }
    }

    /** The same in a text. */
    public String words() {
        try {
            return String.join("\n", found());
        } catch (IOException unread) {
            return unread.toString();
        }
    }
}
