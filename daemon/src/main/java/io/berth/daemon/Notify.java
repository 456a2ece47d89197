package io.berth.daemon;

import io.berth.linux.NotifySocket;
import java.io.IOException;
import java.lang.System.Logger;

/** Tells the service manager how the daemon stands (sd_notify(3)), if there is one. */
final class Notify {
    private static final Logger LOG = System.getLogger(Notify.class.getName());

    private Notify() {}

    static void ready() {
        send("READY=1");
    }

    static void stopping() {
        send("STOPPING=1");
    }

    private static void send(String state) {
        var socket = System.getenv("NOTIFY_SOCKET");
        if (socket == null || socket.isEmpty()) {
            return;
        }
        try {
            NotifySocket.send(socket, state);
        } catch (IOException e) {
            LOG.log(
                    Logger.Level.WARNING,
                    "service manager not told {0}: {1}",
                    state,
                    e.getMessage());
        }
    }
}
