package io.berth.storage.layer;

import io.berth.linux.Errno;
import io.berth.linux.FileCalls;
import io.berth.linux.Flags;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Handles of a layer's directories: finds them without ever leaving the layer, and makes those that
 * are missing.
 *
 * <p>A symlink on the way is followed as if the layer's root were the root of the file system
 * (openat2's RESOLVE_IN_ROOT), and no mount point is crossed. Handles are kept for the members that
 * follow; when something that may have been a directory or symlink goes, all are dropped.
 */
final class LayerDirectories implements AutoCloseable {
    private static final int MAX_HANDLES = 32;
    private static final int MAX_LINKS = 40;
    private static final int OPEN = Flags.O_PATH | Flags.O_DIRECTORY;
    private static final long INSIDE =
            Flags.RESOLVE_IN_ROOT | Flags.RESOLVE_NO_MAGICLINKS | Flags.RESOLVE_NO_XDEV;

    private final Linux linux;
    private final HostFiles files;
    private final WhiteoutStyle style;
    private final LayerLimits limits;
    private final LayerTimes times;
    private final LinuxFd root;
    private final Map<LayerPath, Handle> handles = new LinkedHashMap<>(64, 0.75f, true);
    private long replaced;
    private boolean stale;

    /** An open directory and its inode number, which tells it from others of the layer. */
    record Handle(LinuxFd fd, long inode) {}

    LayerDirectories(
            Linux linux, Path root, WhiteoutStyle style, LayerLimits limits, LayerTimes times)
            throws LinuxException {
        this.linux = linux;
        this.files = new HostFiles(linux);
        this.style = style;
        this.limits = limits;
        this.times = times;
        this.root = linux.open(root, Flags.O_RDONLY | Flags.O_DIRECTORY | Flags.O_NOFOLLOW, 0);
    }

    /** The layer's root, open for reading. */
    LinuxFd root() {
        return root;
    }

    /** The directory at {@code path}; what is missing of it is made and noted as implied. */
    Handle make(String member, LayerPath path) throws IOException {
        Optional<Handle> found = find(member, path);
        if (found.isPresent()) {
            return found.get();
        }
        return keep(path, open(member, missing(member, path), Flags.RESOLVE_NO_SYMLINKS));
    }

    /** The directory at {@code path}, if there is one. */
    Optional<Handle> find(String member, LayerPath path) throws IOException {
        Handle known = handles.get(path);
        if (known != null) {
            return Optional.of(known);
        }
        try {
            return Optional.of(keep(path, open(member, path.toString(), INSIDE)));
        } catch (LinuxException absent) {
            if (absent.errno() == Errno.ENOENT || absent.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw absent;
        }
    }

    private LinuxFd open(String member, String path, long resolve) throws LinuxException {
        try {
            return linux.openat2(root, path, OPEN, 0, resolve | INSIDE);
        } catch (LinuxException refused) {
            if (refused.errno() == Errno.ELOOP || refused.errno() == Errno.EXDEV) {
                throw new HostileLayer(
                        member, "a way through " + refused.errnoName(), "a way inside the layer");
            }
            throw refused;
        }
    }

    private Handle keep(LayerPath path, LinuxFd fd) throws LinuxException {
        Stat stat;
        try {
            stat = linux.fstat(fd);
        } catch (LinuxException failed) {
            fd.close();
            throw failed;
        }
        times.found(path, stat);
        var handle = new Handle(fd, stat.id().inode());
        handles.put(path, handle);
        if (handles.size() > MAX_HANDLES) {
            var eldest = handles.entrySet().iterator();
            eldest.next().getValue().fd().close();
            eldest.remove();
        }
        return handle;
    }

    /** Walks {@code path} a component at a time, makes what is missing, and says where it leads. */
    private String missing(String member, LayerPath path) throws IOException {
        var pending = new ArrayDeque<>(path.components());
        var resolved = new ArrayList<String>();
        int links = 0;
        while (!pending.isEmpty()) {
            String name = pending.pop();
            if (name.equals("..") && !resolved.isEmpty()) {
                resolved.removeLast();
            }
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                continue;
            }
            try (var directory = open(member, text(resolved), Flags.RESOLVE_NO_SYMLINKS)) {
                times.found(new LayerPath(resolved), linux.fstat(directory));
                Optional<Stat> stat = stat(directory, name);
                if (stat.isPresent() && stat.get().isSymlink()) {
                    if (++links > MAX_LINKS) {
                        throw new HostileLayer(member, "more symlinks on the way", "at most 40");
                    }
                    follow(linux.readlinkat(directory, name), resolved, pending);
                    continue;
                }
                step(member, directory, name, stat, resolved);
            }
        }
        return text(resolved);
    }

    private static void follow(String target, List<String> resolved, ArrayDeque<String> pending) {
        if (target.startsWith("/")) {
            resolved.clear();
        }
        List.of(target.split("/", -1)).reversed().forEach(pending::push);
    }

    private void step(
            String member,
            LinuxFd directory,
            String name,
            Optional<Stat> stat,
            List<String> resolved)
            throws IOException {
        resolved.add(name);
        if (resolved.size() > limits.maxDepth()) {
            throw new HostileLayer(
                    member, resolved.size() + " directories deep", "at most " + limits.maxDepth());
        }
        boolean hidden = style == WhiteoutStyle.OVERLAY && stat.map(Stat::isWhiteout).orElse(false);
        if (hidden) {
            linux.unlinkat(directory, name, 0);
        } else if (stat.isPresent()) {
            if (!stat.get().isDirectory()) {
                throw new HostileLayer(
                        member, "the file " + text(resolved) + " above it", "a directory");
            }
            return;
        }
        linux.mkdirat(directory, name, 0755);
        linux.fchmodat(directory, name, 0755);
        try (var made = linux.openat(directory, name, Flags.O_RDONLY | Flags.O_NOFOLLOW, 0)) {
            if (hidden) {
                linux.fsetxattr(made, DirectorySink.OPAQUE, DirectorySink.YES, 0);
            }
            times.implied(new LayerPath(resolved), linux.fstat(made), !hidden);
        }
    }

    /** What {@code name} is, if it is there; symlinks are not followed. */
    Optional<Stat> stat(LinuxFd directory, String name) throws LinuxException {
        try {
            return Optional.of(linux.fstatat(directory, name));
        } catch (LinuxException absent) {
            if (absent.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw absent;
        }
    }

    /** Removes what is at {@code name}, with all in it. */
    void remove(LinuxFd directory, String name, Stat stat) throws IOException {
        stale |= stat.isDirectory() || stat.isSymlink();
        if (!stat.isDirectory()) {
            linux.unlinkat(directory, name, 0);
            return;
        }
        // a name that any path can hold: the tar's own may be no text
        files.deleteTree(Path.of(directory.procPath(), aside(directory, name)));
    }

    private String aside(LinuxFd directory, String name) throws LinuxException {
        while (true) {
            String aside = ".berth-replaced-" + replaced++;
            try {
                linux.renameat2(
                        new FileCalls.Rename(directory, name, directory, aside),
                        Flags.RENAME_NOREPLACE);
                return aside;
            } catch (LinuxException taken) {
                if (taken.errno() != Errno.EEXIST) {
                    throw taken;
                }
            }
        }
    }

    /** Begins a member: handles that may lead elsewhere since the last one are dropped. */
    void next() {
        if (stale) {
            handles.values().forEach(handle -> handle.fd().close());
            handles.clear();
            stale = false;
        }
    }

    private static String text(List<String> resolved) {
        return resolved.isEmpty() ? "." : String.join("/", resolved);
    }

    @Override
    public void close() {
        handles.values().forEach(handle -> handle.fd().close());
        handles.clear();
        root.close();
    }
}
