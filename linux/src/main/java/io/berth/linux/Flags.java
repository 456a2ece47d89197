package io.berth.linux;

/** Flag bits of the file and mount calls, each group with its header. */
public final class Flags {
    // fcntl.h
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_NOCTTY = 0400;
    public static final int O_TRUNC = 01000;
    public static final int O_APPEND = 02000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_DIRECTORY = 0200000;
    public static final int O_NOFOLLOW = 0400000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;
    public static final int O_TMPFILE = 020000000 | O_DIRECTORY;

    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int AT_SYMLINK_FOLLOW = 0x400;
    public static final int AT_EMPTY_PATH = 0x1000;
    public static final int AT_RECURSIVE = 0x8000;

    // linux/openat2.h
    public static final long RESOLVE_NO_XDEV = 0x01;
    public static final long RESOLVE_NO_MAGICLINKS = 0x02;
    public static final long RESOLVE_NO_SYMLINKS = 0x04;
    public static final long RESOLVE_BENEATH = 0x08;
    public static final long RESOLVE_IN_ROOT = 0x10;

    // linux/stat.h
    public static final int S_IFMT = 0170000;
    public static final int S_IFSOCK = 0140000;
    public static final int S_IFLNK = 0120000;
    public static final int S_IFREG = 0100000;
    public static final int S_IFBLK = 0060000;
    public static final int S_IFDIR = 0040000;
    public static final int S_IFCHR = 0020000;
    public static final int S_IFIFO = 0010000;

    // linux/fs.h
    public static final int RENAME_NOREPLACE = 1;
    public static final int RENAME_EXCHANGE = 2;
    public static final int RENAME_WHITEOUT = 4;

    // unistd.h
    public static final int SEEK_SET = 0;
    public static final int SEEK_CUR = 1;
    public static final int SEEK_END = 2;
    public static final int SEEK_DATA = 3;
    public static final int SEEK_HOLE = 4;

    // linux/xattr.h
    public static final int XATTR_CREATE = 1;
    public static final int XATTR_REPLACE = 2;

    // linux/mount.h
    public static final int FSMOUNT_CLOEXEC = 1;
    public static final int OPEN_TREE_CLONE = 1;
    public static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    public static final long MOUNT_ATTR_RDONLY = 0x01;
    public static final long MOUNT_ATTR_NOSUID = 0x02;
    public static final long MOUNT_ATTR_NODEV = 0x04;
    public static final long MOUNT_ATTR_NOEXEC = 0x08;
    public static final long MOUNT_ATTR_IDMAP = 0x100000;

    // linux/prctl.h
    public static final int PR_SET_NAME = 15;
    public static final int PR_GET_NAME = 16;
    public static final int PR_SET_CHILD_SUBREAPER = 36;

    // linux/magic.h
    public static final long OVERLAYFS_SUPER_MAGIC = 0x794c7630L;
    public static final long TMPFS_MAGIC = 0x01021994L;
    public static final long CGROUP2_SUPER_MAGIC = 0x63677270L;
    public static final long NSFS_MAGIC = 0x6e736673L;

    private Flags() {}

    /** The device number of {@code major:minor} as mknod(2) takes it (linux/kdev_t.h). */
    public static long device(int major, int minor) {
        if (major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff) {
            throw new IllegalArgumentException(
                    "device: found %d:%d, wanted at most 4095:1048575".formatted(major, minor));
        }
        return (minor & 0xffL) | ((long) major << 8) | ((minor & ~0xffL) << 12);
    }
}
