package io.berth.e2e.bench;

import io.berth.e2e.node.DaemonUnderTest;
import io.berth.e2e.node.NodeFolders;
import io.berth.e2e.run.Print;
import java.io.IOException;
import java.time.Duration;

/** A daemon that was started here, in a folder of its own. {@link #close} ends it. */
final class OwnDaemon implements AutoCloseable {
    private final NodeFolders folders;
    private final Launch launch;
    private DaemonUnderTest daemon;

    /** Starts the daemon; it answers on return. */
    @FunctionalInterface
    interface Launch {
        DaemonUnderTest start() throws IOException;
    }

    private OwnDaemon(NodeFolders folders, Launch launch, DaemonUnderTest daemon) {
        this.folders = folders;
        this.launch = launch;
        this.daemon = daemon;
    }

    static OwnDaemon start(NodeFolders folders, Launch launch) throws IOException {
        return new OwnDaemon(folders, launch, launch.start());
    }

    /** Ends the daemon as a service manager does, and starts it again; how long the start took. */
    Duration restart() throws IOException {
        daemon.terminate();
        daemon = launch.start();
        return daemon.startTook();
    }

    /** Ends the daemon, by force where it does not go, and starts it on the same folder. */
    void startAgain() throws IOException {
        try {
            close();
        } catch (IOException stays) {
            Print.note("bench: " + folders.top() + ": ended by force: " + stays.getMessage());
            daemon.kill();
        }
        daemon = launch.start();
    }

    long pid() {
        return daemon.pid();
    }

    NodeFolders folders() {
        return folders;
    }

    @Override
    public void close() throws IOException {
        if (daemon.alive()) {
            daemon.terminate();
        }
    }
}
