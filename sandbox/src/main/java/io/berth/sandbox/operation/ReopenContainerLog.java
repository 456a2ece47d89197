package io.berth.sandbox.operation;

import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.logs.ContainerLogs;
import io.berth.shimclient.writer.LogWriterException;
import java.io.IOException;

/**
 * Makes a container's log writer open the log's path anew, after the kubelet has renamed the file.
 * When it returns no line goes to the old file; when it fails the old file is still written.
 */
final class ReopenContainerLog {
    private final Node node;
    private final ContainerLogs logs;

    ReopenContainerLog(Node node, ContainerLogs logs) {
        this.node = node;
        this.logs = logs;
    }

    void run(String containerId) {
        node.adoptions().await(node.container(containerId).sandbox());
        var container = node.container(containerId);
        if (!(container.state() instanceof ContainerState.Running)) {
            throw new SandboxException.WrongState(
                    "container %s: is %s, only a running one has a log to reopen"
                            .formatted(container.id(), container.state().word()));
        }
        try {
            logs.reopen(container);
        } catch (IOException | LogWriterException e) {
            throw new SandboxException.Failed(
                    "container %s: log %s not reopened: %s"
                            .formatted(container.id(), container.logPath(), e.getMessage()),
                    e);
        }
    }
}
