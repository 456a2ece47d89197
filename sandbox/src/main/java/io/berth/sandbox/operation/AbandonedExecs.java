package io.berth.sandbox.operation;

import io.berth.sandbox.container.Container;
import io.berth.sandbox.exit.HeldProcess;
import io.berth.sandbox.exit.ProcessEnds;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Ends the commands that an earlier daemon ran in a container: with it their client is gone, and
 * nobody reads their output. They are known by the FIFOs that it made for them.
 */
public final class AbandonedExecs {
    private static final Logger LOG = System.getLogger(AbandonedExecs.class.getName());
    private static final Pattern FIFO = Pattern.compile("(exec-[0-9a-f-]{36})-(?:in|out|err)");

    private final Node node;
    private final ProcessEnds ends;

    public AbandonedExecs(Node node, ProcessEnds ends) {
        this.node = node;
        this.ends = ends;
    }

    /** Ends them beside what the caller does; failures are warnings. */
    public void end(Container container, Shim shim) {
        var folder = node.paths().io(container.id());
        Set<String> ids;
        try {
            ids = ids(folder);
        } catch (IOException unread) {
            warn(container, unread);
            return;
        }
        for (var id : ids) {
            Thread.ofVirtual().name("abandoned-" + id).start(() -> end(container, shim, id));
        }
    }

    private static Set<String> ids(Path folder) throws IOException {
        var found = new TreeSet<String>();
        try (var entries = Files.newDirectoryStream(folder, ExecProcess.PREFIX + "*")) {
            for (var entry : entries) {
                var name = FIFO.matcher(String.valueOf(entry.getFileName()));
                if (name.matches()) {
                    found.add(name.group(1));
                }
            }
        } catch (NoSuchFileException none) {
            return Set.of();
        }
        return found;
    }

    private void end(Container container, Shim shim, String execId) {
        var task = container.id().value();
        var kill = ExecKill.in(node, container);
        try (var held = kill.isHere() ? hold(shim, task, execId) : HeldProcess.unknown()) {
            Operations.step(
                    "exec.abandoned.remove",
                    execId,
                    () -> {
                        kill.killAsFound(shim, task, execId);
                        return true;
                    });
            awaitEnd(shim, task, execId, held);
            Operations.step("exec.remove", execId, () -> remove(container, shim, execId));
            LOG.log(
                    Logger.Level.INFO,
                    "container={0} {1} ended, as the daemon that ran it is gone",
                    container.id(),
                    execId);
        } catch (IOException | ShimException stays) {
            warn(container, stays);
        }
    }

    /** Before it is killed, as a shim may lose the end of it. */
    private HeldProcess hold(Shim shim, String task, String execId) {
        try {
            return ends.hold(shim, shim.state(task, execId).pid());
        } catch (ShimException.NotFound gone) {
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", execId, gone.getMessage());
            return HeldProcess.unknown();
        }
    }

    /** Without a limit of its own: it ends with the process, the container or the shim. */
    private void awaitEnd(Shim shim, String task, String execId, HeldProcess held) {
        try {
            var _ = ends.await(shim, task, execId, held);
        } catch (ShimException.NotFound gone) {
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", execId, gone.getMessage());
        }
    }

    private boolean remove(Container container, Shim shim, String execId) throws IOException {
        try {
            // A removal alone makes no shim close a terminal's input.
            shim.closeIo(container.id().value(), execId);
        } catch (ShimException gone) {
            LOG.log(Logger.Level.DEBUG, "{0} stdin: {1}", execId, gone.getMessage());
        }
        try {
            var _ = shim.delete(container.id().value(), execId);
        } catch (ShimException.NotFound | ShimException.Failed stays) {
            // A shim that lost its end keeps it until the container goes.
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", execId, stays.getMessage());
        }
        boolean found = false;
        for (var end : Set.of("-in", "-out", "-err")) {
            var fifo = node.paths().io(container.id()).resolve(execId + end);
            found |= node.files().deleteIfExists(fifo);
        }
        return found;
    }

    private static void warn(Container container, Exception why) {
        LOG.log(
                Logger.Level.WARNING,
                "container={0} what an earlier daemon ran in it may stay until it goes: {1}",
                container.id(),
                why.getMessage());
    }
}
