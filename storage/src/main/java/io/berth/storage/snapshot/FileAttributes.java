package io.berth.storage.snapshot;

import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.io.IOException;
import java.nio.file.Path;

/** Copies owner, mode, extended attributes and time from one file to another, in that order. */
final class FileAttributes {
    private static final String OVERLAY = "trusted.overlay.";
    private final Linux linux;

    FileAttributes(Linux linux) {
        this.linux = linux;
    }

    /** Between two open files or directories; overlayfs's own attributes stay behind. */
    void copy(LinuxFd from, LinuxFd to) throws LinuxException {
        Stat stat = linux.fstat(from);
        linux.fchown(to, stat.uid(), stat.gid());
        linux.fchmod(to, stat.permissions());
        for (String name : linux.flistxattr(from)) {
            var value = linux.fgetxattr(from, name);
            if (value.isPresent() && !name.startsWith(OVERLAY)) {
                linux.fsetxattr(to, name, value.get(), 0);
            }
        }
        linux.utimensat(to, "", stat.modified(), stat.modified());
    }

    /** Between two names that must not be opened: symlinks, devices, FIFOs, sockets. */
    void copyNames(LinuxFd from, LinuxFd to, String name, Stat stat) throws IOException {
        linux.fchownat(to, name, stat.uid(), stat.gid());
        if (!stat.isSymlink()) {
            linux.fchmodat(to, name, stat.permissions());
        }
        if (isPathText(name)) {
            Path source = Path.of(from.procPath(), name);
            for (String attribute : linux.llistxattr(source)) {
                var value = linux.lgetxattr(source, attribute);
                if (value.isPresent()) {
                    linux.lsetxattrat(to, name, attribute, value.get());
                }
            }
        }
        linux.utimensat(to, name, stat.modified(), stat.modified());
    }

    /** Whether paths of the JDK can hold the name: these calls take no other. */
    private static boolean isPathText(String name) {
        return name.chars().noneMatch(c -> Character.isSurrogate((char) c) || c > 0x7f);
    }
}
