package io.berth.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Mounting. All need CAP_SYS_ADMIN in the mount namespace's user namespace; all may block. */
public interface MountCalls {
    /**
     * mount(2). An empty {@code source}, {@code type} or {@code data} is passed as an empty string.
     */
    void mount(String source, Path target, String type, Set<MountFlag> flags, String data)
            throws LinuxException;

    /** umount2(2). EINVAL says that {@code target} is not a mount point. */
    void umount(Path target, Set<UmountFlag> flags) throws LinuxException;

    /** The mounts at a directory or below it, each after what it is mounted on; from mountinfo. */
    default List<MountEntry> mountsBelow(Path directory) throws IOException {
        return MountInfo.below(directory);
    }

    /** fsopen(2): a file system of {@code type} being configured. */
    LinuxFd fsopen(String type) throws LinuxException;

    /** fsconfig(2) FSCONFIG_SET_STRING: one option with its value, not limited to a page in sum. */
    void fsconfigString(LinuxFd context, String key, String value) throws LinuxException;

    /** fsconfig(2) FSCONFIG_SET_FLAG: one option without a value. */
    void fsconfigFlag(LinuxFd context, String key) throws LinuxException;

    /** fsconfig(2) FSCONFIG_CMD_CREATE: makes the superblock. */
    void fsconfigCreate(LinuxFd context) throws LinuxException;

    /** fsmount(2): a detached mount with the {@code MOUNT_ATTR_} bits given. */
    LinuxFd fsmount(LinuxFd context, long attributes) throws LinuxException;

    /** open_tree(2) with OPEN_TREE_CLONE: a detached copy of the mount at {@code path}. */
    LinuxFd openTreeClone(Path path, boolean recursive) throws LinuxException;

    /** move_mount(2): attaches a detached mount at {@code target}. */
    void moveMount(LinuxFd mount, Path target) throws LinuxException;

    /**
     * mount_setattr(2) MOUNT_ATTR_IDMAP on a detached mount: shows the owners of its files as the
     * maps of a user namespace say. EINVAL if the file system cannot.
     */
    void mountIdmap(LinuxFd mount, LinuxFd userns) throws LinuxException;

    /** mount_setattr(2) on a mount held by descriptor: sets and clears {@code MOUNT_ATTR_} bits. */
    void mountSetattr(LinuxFd mount, long set, long clear, boolean recursive) throws LinuxException;
}
