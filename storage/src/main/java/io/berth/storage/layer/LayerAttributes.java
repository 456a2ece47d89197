package io.berth.storage.layer;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Owner, mode and extended attributes of a member, in the order that keeps them: a change of owner
 * takes set-user-id and capabilities away.
 */
final class LayerAttributes {
    private static final int MAX_NAMED = 100;
    private final Linux linux;
    private final List<String> dropped = new ArrayList<>();

    LayerAttributes(Linux linux) {
        this.linux = linux;
    }

    /** To a file or directory that is open. */
    void apply(LinuxFd file, TarMember member) throws LinuxException {
        linux.fchown(file, (int) member.uid(), (int) member.gid());
        linux.fchmod(file, member.mode());
        for (Map.Entry<String, byte[]> xattr : member.xattrs().entrySet()) {
            try {
                linux.fsetxattr(file, xattr.getKey(), xattr.getValue(), 0);
            } catch (LinuxException refused) {
                drop(member, xattr.getKey(), refused);
            }
        }
    }

    /** To a symlink or node, which must not be opened. Its mode is the caller's. */
    void applyToName(LinuxFd directory, String name, TarMember member) throws LinuxException {
        linux.fchownat(directory, name, (int) member.uid(), (int) member.gid());
        for (Map.Entry<String, byte[]> xattr : member.xattrs().entrySet()) {
            try {
                linux.lsetxattrat(directory, name, xattr.getKey(), xattr.getValue());
            } catch (InvalidPathException noText) {
                note(member, xattr.getKey());
            } catch (LinuxException refused) {
                boolean userOnSpecial =
                        refused.errno() == Errno.EPERM && xattr.getKey().startsWith("user.");
                if (userOnSpecial) { // xattr(7): files and directories only
                    note(member, xattr.getKey());
                } else {
                    drop(member, xattr.getKey(), refused);
                }
            }
        }
        linux.utimensat(directory, name, member.modified(), member.modified());
    }

    /** What could not be set, the first hundred. */
    List<String> dropped() {
        return dropped;
    }

    private void drop(TarMember member, String name, LinuxException refused) throws LinuxException {
        switch (refused.errno()) {
            case Errno.EOPNOTSUPP -> note(member, name);
            case Errno.EINVAL, Errno.ERANGE, Errno.E2BIG ->
                    throw new HostileLayer(
                            member.name(),
                            "the attribute %s with a value that the kernel refuses (%s)"
                                    .formatted(name, refused.errnoName()),
                            "a value of its form");
            default -> throw refused;
        }
    }

    private void note(TarMember member, String name) {
        if (dropped.size() < MAX_NAMED) {
            dropped.add(name + " on " + member.name());
        }
    }
}
