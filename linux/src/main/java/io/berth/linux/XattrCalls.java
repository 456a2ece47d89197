package io.berth.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Extended attributes; by path a symlink is not followed. {@code trusted.} needs CAP_SYS_ADMIN. */
public interface XattrCalls {
    /** lsetxattr(2) with {@code XATTR_} bits. */
    void lsetxattr(Path path, String name, byte[] value, int flags) throws LinuxException;

    /** lsetxattr(2) of a name in an open directory, by way of /proc/self/fd. */
    void lsetxattrat(LinuxFd directory, String file, String name, byte[] value)
            throws LinuxException;

    /** lgetxattr(2); empty when the file has no such attribute (ENODATA). */
    Optional<byte[]> lgetxattr(Path path, String name) throws LinuxException;

    /** llistxattr(2): the attributes' names. */
    List<String> llistxattr(Path path) throws LinuxException;

    /** lremovexattr(2); an attribute that is not there is success. */
    void lremovexattr(Path path, String name) throws LinuxException;

    /** fsetxattr(2); not for O_PATH descriptors. */
    void fsetxattr(LinuxFd file, String name, byte[] value, int flags) throws LinuxException;

    /** fgetxattr(2); empty when the file has no such attribute (ENODATA). */
    Optional<byte[]> fgetxattr(LinuxFd file, String name) throws LinuxException;

    /** flistxattr(2): the attributes' names. */
    List<String> flistxattr(LinuxFd file) throws LinuxException;
}
