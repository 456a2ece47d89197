package io.berth.linux.socket;

import java.net.BindException;
import java.nio.file.Path;

/** A place for a socket that cannot be taken: a process listens there, or it is no socket. */
public final class SocketHeld extends BindException {
    private static final long serialVersionUID = 1L;

    private SocketHeld(String message) {
        super(message);
    }

    static SocketHeld by(Path path, String holder) {
        return new SocketHeld(
                "socket %s: %s listens on it; stop that process or set another path"
                        .formatted(path, holder));
    }

    static SocketHeld notASocket(Path path, String found) {
        return new SocketHeld(
                "socket %s: found %s, wanted a socket or nothing; remove it or set another path"
                        .formatted(path, found));
    }
}
