package io.berth.sandbox.nri;

import io.berth.linux.socket.SocketFile;
import io.berth.linux.socket.SocketHeld;
import io.berth.linux.step.Steps;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;

/** The socket to which plugins connect; its owner's alone. */
final class PluginSocket implements Closeable {
    private static final Logger LOG = System.getLogger(PluginSocket.class.getName());

    private final Path path;
    private final ServerSocketChannel listener;
    private final SocketFile file;

    private PluginSocket(Path path, ServerSocketChannel listener, SocketFile file) {
        this.path = path;
        this.file = file;
        this.listener = listener;
    }

    /**
     * Listens; a socket that a dead process left is replaced.
     *
     * @throws SocketHeld if a process listens there, or the file there is no socket
     */
    static PluginSocket bind(Path path) throws IOException {
        return Steps.run("nri.listen", path.toString(), () -> open(path));
    }

    private static PluginSocket open(Path path) throws IOException {
        var folder = path.getParent();
        if (folder != null && !Files.exists(folder)) {
            Files.createDirectories(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
        var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            var file =
                    SocketFile.bind(
                            path, "rw-------", at -> listener.bind(UnixDomainSocketAddress.of(at)));
            return new PluginSocket(path, listener, file);
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    /** Hands on each connection until this is closed. */
    void accept(Consumer<SocketChannel> connected) {
        while (listener.isOpen()) {
            try {
                connected.accept(listener.accept());
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException e) {
                LOG.log(Logger.Level.WARNING, "nri socket {0}: {1}", path, e.toString());
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (listener.isOpen()) {
            listener.close();
            file.close();
        }
    }
}
