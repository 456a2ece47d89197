package io.berth.storage.snapshot;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.util.Optional;

/** Look-ups for which absence is an answer. */
final class LinuxLookups {
    private LinuxLookups() {}

    /** What {@code name} is, if it is there; a symlink is not followed. */
    static Optional<Stat> stat(Linux linux, LinuxFd directory, String name) throws LinuxException {
        try {
            return Optional.of(linux.fstatat(directory, name));
        } catch (LinuxException absent) {
            if (absent.errno() == Errno.ENOENT || absent.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw absent;
        }
    }
}
