package io.berth.sandbox.security;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/**
 * Writes a label to a file, or to a folder with all in it; symbolic links are labelled, not
 * followed. A file system without labels is left as it is.
 */
final class Relabel {
    private static final String ATTRIBUTE = "security.selinux";

    /** Whoever labels one of these for a container takes it from the host. */
    private static final Set<String> HOSTS_OWN =
            Set.of(
                    "/",
                    "/bin",
                    "/boot",
                    "/dev",
                    "/etc",
                    "/etc/passwd",
                    "/etc/pki",
                    "/etc/shadow",
                    "/home",
                    "/lib",
                    "/lib64",
                    "/media",
                    "/opt",
                    "/proc",
                    "/root",
                    "/run",
                    "/sbin",
                    "/srv",
                    "/sys",
                    "/tmp",
                    "/usr",
                    "/var",
                    "/var/lib",
                    "/var/log");

    private final Linux linux;

    Relabel(Linux linux) {
        this.linux = linux;
    }

    /** Needs an open step, and a thread that may block. */
    void tree(Path path, String label) throws IOException {
        if (HOSTS_OWN.contains(path.normalize().toString())) {
            throw new SandboxException.InvalidRequest(
                    "selinux_relabel: found %s, which is the host's own".formatted(path));
        }
        // As the kernel's tools write it: with a zero byte at its end.
        var value = (label + "\0").getBytes(StandardCharsets.UTF_8);
        Files.walkFileTree(
                path,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) throws IOException {
                        return set(folder, value);
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        return set(file, value);
                    }
                });
    }

    private FileVisitResult set(Path file, byte[] value) throws IOException {
        try {
            linux.lsetxattr(file, ATTRIBUTE, value, 0);
            return FileVisitResult.CONTINUE;
        } catch (LinuxException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            if (e.errno() == Errno.ENOENT) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }
    }
}
