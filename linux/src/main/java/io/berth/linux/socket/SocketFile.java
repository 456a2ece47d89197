package io.berth.linux.socket;

import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/**
 * The file of a unix socket that this process has bound.
 *
 * <p>A socket is bound under a hidden name beside its path ({@code .NAME}), is given its mode there
 * and then appears under its path, which nobody else holds by then. Processes of ours that want the
 * same path take turns by flock(2) on the folder, so that none removes the socket of another
 * between its look and its removal. Thread-safe.
 */
public final class SocketFile implements Closeable {
    private static final System.Logger LOG = System.getLogger(SocketFile.class.getName());
    private static final Linux LINUX = new LinuxCalls();

    private final Path path;
    private final Stat.FileId id;

    /** Binds a socket and listens on it. */
    public interface Listener {
        /** Does so; {@code at} does not exist, and gets another name afterwards. */
        void listen(Path at) throws IOException;
    }

    private SocketFile(Path path, Stat.FileId id) {
        this.path = path;
        this.id = id;
    }

    /**
     * Has {@code listener} listen, and puts its socket at {@code path}. A socket there on which
     * nobody listens is replaced.
     *
     * @param mode such as {@code rw-------}; nobody reaches the socket before it has this mode
     * @throws SocketHeld if a process listens there, or the file there is no socket; it stays
     */
    public static SocketFile bind(Path path, String mode, Listener listener) throws IOException {
        var absolute = path.toAbsolutePath();
        var hidden = absolute.resolveSibling("." + absolute.getFileName());
        try (var _ = turn(absolute)) {
            clear(absolute);
            clear(hidden);
            listener.listen(hidden);
            Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString(mode));
            var id = LINUX.lstat(hidden).id();
            try {
                Files.createLink(absolute, hidden);
            } catch (FileAlreadyExistsException meanwhile) {
                throw SocketHeld.by(absolute, SocketHolder.of(absolute));
            } finally {
                Files.deleteIfExists(hidden);
            }
            return new SocketFile(absolute, id);
        }
    }

    /**
     * Does nothing if a socket can be bound at {@code path}; changes nothing.
     *
     * @throws SocketHeld as {@link #bind}
     */
    public static void requireFree(Path path) throws IOException {
        var _ = stale(path.toAbsolutePath());
    }

    /**
     * Removes the socket at {@code path} if nobody listens on it.
     *
     * @throws SocketHeld if a process does, or the file is no socket; it stays
     */
    public static void removeStale(Path path) throws IOException {
        var absolute = path.toAbsolutePath();
        if (!Files.isDirectory(folder(absolute))) {
            return;
        }
        try (var _ = turn(absolute)) {
            clear(absolute);
        }
    }

    /** Removes the file, unless another has taken its place meanwhile. */
    @Override
    public void close() throws IOException {
        if (!Files.isDirectory(folder(path))) {
            return;
        }
        try (var _ = turn(path)) {
            if (LINUX.lstat(path).id().equals(id)) {
                Files.deleteIfExists(path);
            } else {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "socket {0} stays: another process has put its own there",
                        path);
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private static Path folder(Path path) {
        return Objects.requireNonNull(path.getParent(), "a socket's path names a folder");
    }

    private static LinuxFd turn(Path path) throws IOException {
        var folder = LINUX.open(folder(path), Flags.O_RDONLY | Flags.O_DIRECTORY, 0);
        try {
            LINUX.flock(folder, true, false);
            return folder;
        } catch (IOException | RuntimeException failed) {
            folder.close();
            throw failed;
        }
    }

    private static void clear(Path path) throws IOException {
        if (stale(path)) {
            Files.deleteIfExists(path);
        }
    }

    /** Whether a socket is there on which nobody listens; false if nothing is there. */
    private static boolean stale(Path path) throws IOException {
        int type;
        try {
            type = LINUX.lstat(path).type();
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
        if (type != Flags.S_IFSOCK) {
            throw SocketHeld.notASocket(path, word(type));
        }
        try (var probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            // Also when this is false somebody listens: as many wait there as may.
            var _ = probe.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException refused) {
            return true;
        } catch (NoSuchFileException gone) {
            return false;
        } catch (IOException other) {
            // Only a refusal says that nobody is there: a datagram socket's holder lives too.
            if (!Files.exists(path)) {
                return false;
            }
        }
        throw SocketHeld.by(path, SocketHolder.of(path));
    }

    private static String word(int type) {
        return switch (type) {
            case Flags.S_IFDIR -> "a folder";
            case Flags.S_IFLNK -> "a symbolic link";
            case Flags.S_IFREG -> "a regular file";
            default -> "a device or FIFO";
        };
    }
}
