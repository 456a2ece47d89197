package io.berth.storage.layer;

import io.berth.linux.Errno;
import io.berth.linux.FileCalls.DirectoryEntry;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Makes a layer's members in a directory, through handles of the directories that they lie in. */
final class DirectorySink implements LayerSink, AutoCloseable {
    static final String OPAQUE = "trusted.overlay.opaque";
    static final byte[] YES = {'y'};
    private static final int CREATE =
            Flags.O_WRONLY | Flags.O_CREAT | Flags.O_EXCL | Flags.O_NOFOLLOW;
    private static final int OPEN_DIRECTORY = Flags.O_RDONLY | Flags.O_DIRECTORY | Flags.O_NOFOLLOW;
    private static final int BUFFER_BYTES = 256 * 1024;

    private final Linux linux;
    private final WhiteoutStyle style;
    private final LayerDirectories directories;
    private final LayerTimes times;
    private final LayerAttributes attributes;
    private final byte[] read = new byte[BUFFER_BYTES];
    private final ByteBuffer write = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long bytes;

    /** What this layer has made, where whiteouts delete: they hide only what the parents had. */
    private final Set<Made> made = new HashSet<>();

    private record Made(long directory, String name) {}

    /** Makes a file, directory or node where nothing is. */
    private interface Maker {
        void make() throws IOException;
    }

    DirectorySink(Linux linux, Path root, WhiteoutStyle style, LayerLimits limits)
            throws LinuxException {
        this.linux = linux;
        this.style = style;
        this.times = new LayerTimes(linux, style);
        this.directories = new LayerDirectories(linux, root, style, limits, times);
        this.attributes = new LayerAttributes(linux);
    }

    /** Sets what can only be set when nothing more is made, and says what was done. */
    LayerApplied finish(long entries) throws IOException {
        directories.next();
        times.apply(directories);
        return new LayerApplied(entries, bytes, times.implied(directories), attributes.dropped());
    }

    @Override
    public void file(LayerPath path, TarMember member, Content content) throws IOException {
        var parent = parent(path, member);
        replacing(
                parent,
                path.name(),
                () -> {
                    try (var file = linux.openat(parent.fd(), path.name(), CREATE, 0600)) {
                        write(file, member, content);
                        attributes.apply(file, member);
                        linux.utimensat(file, "", member.modified(), member.modified());
                    }
                });
    }

    private void write(LinuxFd file, TarMember member, Content content) throws IOException {
        SparseMap map = member.content();
        for (SparseMap.Extent extent : map.extents()) {
            long offset = extent.offset();
            long end = offset + extent.length();
            while (offset < end) {
                int length = content.read(read, (int) Math.min(end - offset, BUFFER_BYTES));
                write.clear().put(read, 0, length).flip();
                while (write.hasRemaining()) {
                    offset += linux.pwrite(file, write, offset);
                }
                bytes += length;
            }
        }
        if (map.hasHoles()) {
            linux.ftruncate(file, map.sizeBytes());
        }
    }

    @Override
    public void directory(LayerPath path, TarMember member) throws IOException {
        var parent = parent(path, member);
        boolean hides = false;
        try {
            linux.mkdirat(parent.fd(), path.name(), 0700);
        } catch (LinuxException exists) {
            Stat stat = existing(exists, parent, path.name());
            if (!stat.isDirectory()) {
                directories.remove(parent.fd(), path.name(), stat);
                linux.mkdirat(parent.fd(), path.name(), 0700);
                hides = style == WhiteoutStyle.OVERLAY; // as what stood there hid the parents'
            }
        }
        remember(parent, path.name());
        try (var directory = linux.openat(parent.fd(), path.name(), OPEN_DIRECTORY, 0)) {
            attributes.apply(directory, member);
            if (hides) {
                linux.fsetxattr(directory, OPAQUE, YES, 0);
            }
            times.member(path, linux.fstat(directory), member.modified());
        }
    }

    @Override
    public void symlink(LayerPath path, TarMember member) throws IOException {
        var parent = parent(path, member);
        replacing(
                parent,
                path.name(),
                () -> linux.symlinkat(member.linkName(), parent.fd(), path.name()));
        attributes.applyToName(parent.fd(), path.name(), member);
    }

    /** The inode has its attributes from the member that made it; a link's header adds nothing. */
    @Override
    public void hardLink(LayerPath path, LayerPath target, TarMember member) throws IOException {
        directories.next();
        Optional<LayerDirectories.Handle> from = directories.find(member.name(), target.parent());
        Optional<Stat> stat =
                from.isPresent()
                        ? directories.stat(from.get().fd(), target.name())
                        : Optional.empty();
        boolean whiteout =
                style == WhiteoutStyle.OVERLAY && stat.map(Stat::isWhiteout).orElse(false);
        if (stat.isEmpty() || stat.get().isDirectory() || whiteout) {
            throw new HostileLayer(
                    member.name(),
                    "a hard link to %s, which is %s"
                            .formatted(
                                    target,
                                    stat.isEmpty() || whiteout ? "not there" : "a directory"),
                    "a file that this layer has made before");
        }
        var parent = directories.make(member.name(), path.parent());
        if (parent.inode() == from.get().inode() && path.name().equals(target.name())) {
            throw new HostileLayer(member.name(), "a hard link to itself", "another file");
        }
        replacing(
                parent,
                path.name(),
                () -> linux.linkat(from.get().fd(), target.name(), parent.fd(), path.name()));
    }

    @Override
    public void node(LayerPath path, TarMember member) throws IOException {
        int type =
                switch (member.type()) {
                    case CHARACTER_DEVICE -> Flags.S_IFCHR;
                    case BLOCK_DEVICE -> Flags.S_IFBLK;
                    case FIFO -> Flags.S_IFIFO;
                    case FILE, DIRECTORY, SYMLINK, HARD_LINK ->
                            throw new IllegalArgumentException(
                                    "node: found %s, wanted a device or FIFO"
                                            .formatted(member.type()));
                };
        long device =
                type == Flags.S_IFIFO
                        ? 0
                        : Flags.device((int) member.deviceMajor(), (int) member.deviceMinor());
        var parent = parent(path, member);
        replacing(
                parent,
                path.name(),
                () -> linux.mknodat(parent.fd(), path.name(), type | 0600, device));
        linux.fchownat(parent.fd(), path.name(), (int) member.uid(), (int) member.gid());
        linux.fchmodat(parent.fd(), path.name(), member.mode());
        attributes.applyToName(parent.fd(), path.name(), member);
    }

    @Override
    public void whiteout(LayerPath path, TarMember member) throws IOException {
        if (style == WhiteoutStyle.DELETE) {
            directories.next();
            var parent = directories.find(member.name(), path.parent());
            if (parent.isPresent()) {
                deleteInherited(parent.get(), path.name());
            }
            return;
        }
        var parent = parent(path, member);
        try {
            linux.mknodat(parent.fd(), path.name(), Flags.S_IFCHR, Flags.device(0, 0));
        } catch (LinuxException exists) {
            if (existing(exists, parent, path.name()).isDirectory()) {
                markOpaque(parent.fd(), path.name()); // this layer's own directory; the rest hides
            }
        }
    }

    @Override
    public void opaque(LayerPath directory, TarMember member) throws IOException {
        directories.next();
        var handle = directories.make(member.name(), directory);
        if (style == WhiteoutStyle.OVERLAY) {
            markOpaque(handle.fd(), ".");
        } else {
            deleteInheritedIn(handle);
        }
    }

    private void markOpaque(LinuxFd parent, String name) throws LinuxException {
        try (var directory = linux.openat(parent, name, OPEN_DIRECTORY, 0)) {
            linux.fsetxattr(directory, OPAQUE, YES, 0);
        }
    }

    /** Deletes {@code name} as far as this layer has not made it. */
    private void deleteInherited(LayerDirectories.Handle parent, String name) throws IOException {
        Optional<Stat> stat = directories.stat(parent.fd(), name);
        if (stat.isEmpty()) {
            return;
        }
        if (!made.contains(new Made(parent.inode(), name))) {
            directories.remove(parent.fd(), name, stat.get());
        } else if (stat.get().isDirectory()) {
            try (var directory = linux.openat(parent.fd(), name, OPEN_DIRECTORY, 0)) {
                deleteInheritedIn(new LayerDirectories.Handle(directory, stat.get().id().inode()));
            }
        }
    }

    private void deleteInheritedIn(LayerDirectories.Handle handle) throws IOException {
        var names = new HashSet<String>();
        try (var directory = linux.openat(handle.fd(), ".", OPEN_DIRECTORY, 0)) {
            for (var some = linux.getdents(directory);
                    !some.isEmpty();
                    some = linux.getdents(directory)) {
                some.stream().map(DirectoryEntry::name).forEach(names::add);
            }
        }
        for (String name : names) {
            deleteInherited(handle, name);
        }
    }

    private LayerDirectories.Handle parent(LayerPath path, TarMember member) throws IOException {
        directories.next();
        return directories.make(member.name(), path.parent());
    }

    /** Makes what fails with EEXIST once more, after removing what is there. */
    private void replacing(LayerDirectories.Handle parent, String name, Maker maker)
            throws IOException {
        try {
            maker.make();
        } catch (LinuxException exists) {
            directories.remove(parent.fd(), name, existing(exists, parent, name));
            maker.make();
        }
        remember(parent, name);
    }

    private Stat existing(LinuxException failed, LayerDirectories.Handle parent, String name)
            throws LinuxException {
        if (failed.errno() != Errno.EEXIST) {
            throw failed;
        }
        return linux.fstatat(parent.fd(), name);
    }

    private void remember(LayerDirectories.Handle parent, String name) {
        if (style == WhiteoutStyle.DELETE) {
            made.add(new Made(parent.inode(), name));
        }
    }

    @Override
    public void close() {
        directories.close();
    }
}
