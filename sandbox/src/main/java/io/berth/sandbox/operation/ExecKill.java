package io.berth.sandbox.operation;

import io.berth.linux.Linux;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import java.io.IOException;
import java.lang.System.Logger;

/**
 * Kills commands in containers; already gone is success, and all need an open step. Where the
 * processes are this host's, a command goes with all that came of it. Elsewhere its shim kills it:
 * one that runs pods in virtual machines tells the machine's pid as that of every command, and the
 * pod must outlive those.
 */
final class ExecKill {
    private static final Logger LOG = System.getLogger(ExecKill.class.getName());
    private static final int SIGKILL = 9;

    private final Linux linux;
    private final boolean here;

    /** Of commands whose processes are this host's, or are not. */
    ExecKill(Linux linux, boolean here) {
        this.linux = linux;
        this.here = here;
    }

    /** Of commands in a container. */
    static ExecKill in(Node node, Container container) {
        var handler = node.sandboxes().find(container.sandbox()).map(PodSandbox::runtimeHandler);
        return new ExecKill(node.linux(), handler.filter(node.shims()::isRunc).isPresent());
    }

    /** Whether the processes of the commands are this host's. */
    boolean isHere() {
        return here;
    }

    /** Kills a command that was started with this pid and is not known to have ended. */
    void kill(Shim shim, String task, String execId, int pid) throws IOException {
        if (here) {
            new DescendantKill(linux).kill(pid);
        } else {
            ask(shim, task, execId);
        }
    }

    /**
     * Kills a command of which nobody knows how far it is. The pid of one that has ended may be
     * another's by now.
     */
    void killAsFound(Shim shim, String task, String execId) throws IOException {
        try {
            var state = shim.state(task, execId);
            switch (state.status()) {
                case RUNNING, PAUSED, PAUSING -> kill(shim, task, execId, state.pid());
                case CREATED, UNKNOWN -> ask(shim, task, execId);
                case STOPPED -> {}
            }
        } catch (ShimException.NotFound gone) {
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", execId, gone.getMessage());
        }
    }

    private static void ask(Shim shim, String task, String execId) {
        try {
            shim.kill(task, execId, SIGKILL, false);
        } catch (ShimException.NotFound gone) {
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", execId, gone.getMessage());
        }
    }
}
