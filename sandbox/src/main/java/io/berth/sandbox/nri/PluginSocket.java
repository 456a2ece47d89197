package io.berth.sandbox.nri;

import io.berth.linux.step.Steps;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.BindException;
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

    private PluginSocket(Path path, ServerSocketChannel listener) {
        this.path = path;
        this.listener = listener;
    }

    /**
     * Listens; a socket that a dead process left is replaced.
     *
     * @throws BindException if a live process listens there
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
        if (Files.exists(path)) {
            try (var _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                throw new BindException(path + ": a live process listens on it");
            } catch (BindException live) {
                throw live;
            } catch (IOException nobody) {
                Files.deleteIfExists(path);
            }
        }
        var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
        return new PluginSocket(path, listener);
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
            Files.deleteIfExists(path);
        }
    }
}
