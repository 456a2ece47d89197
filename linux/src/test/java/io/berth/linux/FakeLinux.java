package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A kernel for tests without root. Files, processes, sockets and polls are the real ones; what
 * takes privileges is kept in memory: owners, device nodes, {@code trusted.} and {@code security.}
 * attributes, mounts and namespaces. Its own user is shown as root.
 *
 * <p>A mount copies its content into the mount point and takes it away at the end: an overlay does
 * not write into its upper directory, and a bind mount does not follow its source. All files that
 * it makes lie in one folder, which must be on the file system of the mount points.
 */
public final class FakeLinux
        implements Linux,
                FakeMountCalls,
                KernelFileCalls,
                KernelXattrCalls,
                KernelProcessCalls,
                KernelSocketCalls {
    private final Path folder;
    private final FakeAttributes attributes = new FakeAttributes();
    private final FakeMounts mounts;

    /** A kernel that keeps its own files in {@code folder}, which is made. */
    public FakeLinux(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder.toAbsolutePath()).toRealPath();
        Files.createDirectories(cgroupRoot());
        this.mounts = new FakeMounts(this.folder, attributes);
    }

    /** The root of a cgroup hierarchy without controllers: directories, removed as cgroups are. */
    public Path cgroupRoot() {
        return folder.resolve("cgroup");
    }

    /** How the cgroups of this kernel are mounted. */
    public CgroupLayout cgroups() {
        return new CgroupLayout.Unified(cgroupRoot());
    }

    /** The mounts that this kernel has made and not ended. */
    public List<MountEntry> mounts() {
        return mounts.entries();
    }

    @Override
    public FakeMounts fakeMounts() {
        return mounts;
    }

    private void writable(String call, LinuxFd directory, String name) throws LinuxException {
        if (mounts.readOnly(FakeMountCalls.path(directory, name))) {
            throw new LinuxException(call, Errno.EROFS, Words.in(directory, name));
        }
    }

    // mounts, beside those of FakeMountCalls

    @Override
    public List<MountEntry> mountsBelow(Path directory) throws IOException {
        var all = new ArrayList<>(MountInfo.below(directory));
        all.addAll(mounts.below(directory));
        return all;
    }

    @Override
    public StatFs statfs(Path path) throws LinuxException {
        var real = KernelFileCalls.super.statfs(path);
        var type = mounts.magic(path);
        return type.isEmpty()
                ? real
                : new StatFs(
                        type.getAsLong(),
                        real.blockSizeBytes(),
                        real.blocks(),
                        real.freeBlocks(),
                        real.availableBlocks(),
                        real.inodes(),
                        real.freeInodes());
    }

    // files

    @Override
    public LinuxFd openat(LinuxFd directory, String path, int flags, int mode)
            throws LinuxException {
        if (path.startsWith("/proc/sys/") && writes(flags)) {
            return FakeMountCalls.opened(sysctl(path));
        }
        if (writes(flags)) {
            writable("openat", directory, path);
        }
        return KernelFileCalls.super.openat(directory, path, flags, mode);
    }

    private static boolean writes(int flags) {
        return (flags & (Flags.O_WRONLY | Flags.O_RDWR | Flags.O_CREAT | Flags.O_TRUNC)) != 0
                && (flags & Flags.O_PATH) == 0;
    }

    /** The real one would be the host's, as nobody has left its namespaces. */
    private Path sysctl(String path) throws LinuxException {
        var file = folder.resolve(path.substring(1).replace('/', '.'));
        try {
            Files.write(file, "".getBytes(UTF_8));
            return file;
        } catch (IOException e) {
            throw new LinuxException("openat", Errno.EACCES, path);
        }
    }

    @Override
    public LinuxFd openat2(LinuxFd directory, String path, int flags, int mode, long resolve)
            throws LinuxException {
        if (writes(flags)) {
            writable("openat2", directory, path);
        }
        var opened = KernelFileCalls.super.openat2(directory, path, flags, mode, resolve);
        if ((resolve & Flags.RESOLVE_NO_XDEV) != 0
                && mounts.differ(
                        FakeMountCalls.path(directory, ""), FakeMountCalls.path(opened, ""))) {
            opened.close();
            throw new LinuxException("openat2", Errno.EXDEV, Words.in(directory, path));
        }
        return opened;
    }

    @Override
    public void mkdirat(LinuxFd directory, String name, int mode) throws LinuxException {
        writable("mkdirat", directory, name);
        KernelFileCalls.super.mkdirat(directory, name, mode);
    }

    @Override
    public void mknodat(LinuxFd directory, String name, int mode, long device)
            throws LinuxException {
        writable("mknodat", directory, name);
        int type = mode & Flags.S_IFMT;
        if (type != Flags.S_IFCHR && type != Flags.S_IFBLK) {
            KernelFileCalls.super.mknodat(directory, name, mode, device);
            return;
        }
        KernelFileCalls.super.mknodat(directory, name, Flags.S_IFREG | (mode & 07777), 0);
        attributes.device(id(directory, name), type, device);
    }

    private Stat.FileId id(LinuxFd directory, String name) throws LinuxException {
        return KernelFileCalls.super.fstatat(directory, name).id();
    }

    private Stat.FileId id(LinuxFd file) throws LinuxException {
        return KernelFileCalls.super.fstat(file).id();
    }

    @Override
    public void symlinkat(String target, LinuxFd directory, String name) throws LinuxException {
        writable("symlinkat", directory, name);
        KernelFileCalls.super.symlinkat(target, directory, name);
    }

    @Override
    public void linkat(LinuxFd oldDirectory, String oldName, LinuxFd newDirectory, String newName)
            throws LinuxException {
        writable("linkat", newDirectory, newName);
        KernelFileCalls.super.linkat(oldDirectory, oldName, newDirectory, newName);
    }

    @Override
    public void unlinkat(LinuxFd directory, String name, int flags) throws LinuxException {
        writable("unlinkat", directory, name);
        var path = FakeMountCalls.path(directory, name);
        if (mounts.isMountPoint(path)) {
            throw new LinuxException("unlinkat", Errno.EBUSY, Words.in(directory, name));
        }
        if ((flags & Flags.AT_REMOVEDIR) != 0 && path.startsWith(cgroupRoot())) {
            emptyCgroup(path);
        }
        var gone = KernelFileCalls.super.fstatat(directory, name);
        KernelFileCalls.super.unlinkat(directory, name, flags);
        if (gone.links() == 1 || gone.isDirectory()) {
            attributes.forget(gone.id());
        }
    }

    /** The files of a cgroup go with it, unless there are processes. */
    private static void emptyCgroup(Path cgroup) throws LinuxException {
        try (var entries = Files.list(cgroup)) {
            var all = entries.toList();
            var processes = cgroup.resolve("cgroup.procs");
            if (all.stream().anyMatch(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
                    || (Files.exists(processes) && !Files.readString(processes).isBlank())) {
                throw new LinuxException("rmdir", Errno.EBUSY, cgroup);
            }
            for (var file : all) {
                Files.delete(file);
            }
        } catch (LinuxException busy) {
            throw busy;
        } catch (IOException gone) {
            return;
        }
    }

    @Override
    public void renameat2(Rename rename, int flags) throws LinuxException {
        writable("renameat2", rename.fromDirectory(), rename.fromName());
        writable("renameat2", rename.toDirectory(), rename.toName());
        if (mounts.isMountPoint(FakeMountCalls.path(rename.fromDirectory(), rename.fromName()))) {
            throw new LinuxException(
                    "renameat2", Errno.EBUSY, Words.in(rename.fromDirectory(), rename.fromName()));
        }
        KernelFileCalls.super.renameat2(rename, flags);
    }

    @Override
    public Stat fstatat(LinuxFd directory, String name) throws LinuxException {
        var real = KernelFileCalls.super.fstatat(directory, name);
        return attributes.shown(real, mounts.isMountPoint(FakeMountCalls.path(directory, name)));
    }

    @Override
    public Stat fstat(LinuxFd file) throws LinuxException {
        var real = KernelFileCalls.super.fstat(file);
        return attributes.shown(
                real, real.isDirectory() && mounts.isMountPoint(FakeMountCalls.path(file, "")));
    }

    @Override
    public void fchownat(LinuxFd directory, String name, int uid, int gid) throws LinuxException {
        Steps.require("fchownat");
        writable("fchownat", directory, name);
        attributes.owner(id(directory, name), uid, gid);
    }

    @Override
    public void fchown(LinuxFd file, int uid, int gid) throws LinuxException {
        Steps.require("fchown");
        attributes.owner(id(file), uid, gid);
    }

    // extended attributes

    private static boolean real(String name) {
        return !name.startsWith("trusted.") && !name.startsWith("security.");
    }

    @Override
    public void lsetxattr(Path path, String name, byte[] value, int flags) throws LinuxException {
        if (real(name)) {
            KernelXattrCalls.super.lsetxattr(path, name, value, flags);
            return;
        }
        Steps.require("lsetxattr");
        writable("lsetxattr", LinuxFd.AT_FDCWD, path.toString());
        attributes.set("lsetxattr", id(LinuxFd.AT_FDCWD, path.toString()), name, value, flags);
    }

    @Override
    public void lsetxattrat(LinuxFd directory, String file, String name, byte[] value)
            throws LinuxException {
        if (real(name)) {
            KernelXattrCalls.super.lsetxattrat(directory, file, name, value);
            return;
        }
        Steps.require("lsetxattr");
        attributes.set("lsetxattr", id(directory, file), name, value, 0);
    }

    @Override
    public Optional<byte[]> lgetxattr(Path path, String name) throws LinuxException {
        return real(name)
                ? KernelXattrCalls.super.lgetxattr(path, name)
                : attributes.get(id(LinuxFd.AT_FDCWD, path.toString()), name);
    }

    @Override
    public List<String> llistxattr(Path path) throws LinuxException {
        return attributes.names(
                id(LinuxFd.AT_FDCWD, path.toString()), KernelXattrCalls.super.llistxattr(path));
    }

    @Override
    public void lremovexattr(Path path, String name) throws LinuxException {
        if (real(name)) {
            KernelXattrCalls.super.lremovexattr(path, name);
            return;
        }
        Steps.require("lremovexattr");
        attributes.remove(id(LinuxFd.AT_FDCWD, path.toString()), name);
    }

    @Override
    public void fsetxattr(LinuxFd file, String name, byte[] value, int flags)
            throws LinuxException {
        if (real(name)) {
            KernelXattrCalls.super.fsetxattr(file, name, value, flags);
            return;
        }
        Steps.require("fsetxattr");
        attributes.set("fsetxattr", id(file), name, value, flags);
    }

    @Override
    public Optional<byte[]> fgetxattr(LinuxFd file, String name) throws LinuxException {
        return real(name)
                ? KernelXattrCalls.super.fgetxattr(file, name)
                : attributes.get(id(file), name);
    }

    @Override
    public List<String> flistxattr(LinuxFd file) throws LinuxException {
        return attributes.names(id(file), KernelXattrCalls.super.flistxattr(file));
    }

    // namespaces: a thread stays where it is

    @Override
    public void unshare(int flags) {}

    @Override
    public void setns(LinuxFd namespace, int type) {}

    /** Lowering takes privileges, so none is set; the answer is as if it were. */
    @Override
    public int setOomScoreAdj(int pid, int value) throws IOException {
        Steps.require("oom_score_adj");
        var _ = oomScoreAdj(pid);
        return value;
    }
}
