package io.berth.linux;

import static java.util.Map.entry;

import java.util.Map;

/** Error numbers of x86-64 Linux (asm-generic/errno-base.h, asm-generic/errno.h). */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int ENOEXEC = 8;
    public static final int EBADF = 9;
    public static final int ECHILD = 10;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int ENOTBLK = 15;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int EXDEV = 18;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int ETXTBSY = 26;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int ESPIPE = 29;
    public static final int EROFS = 30;
    public static final int EMLINK = 31;
    public static final int EPIPE = 32;
    public static final int ERANGE = 34;
    public static final int EDEADLK = 35;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int ENOTEMPTY = 39;
    public static final int ELOOP = 40;
    public static final int ENODATA = 61;
    public static final int EOVERFLOW = 75;
    public static final int EUSERS = 87;
    public static final int EOPNOTSUPP = 95;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EINPROGRESS = 115;
    public static final int ESTALE = 116;
    public static final int EDQUOT = 122;

    private static final Map<Integer, String> NAMES =
            Map.ofEntries(
                    entry(EPERM, "EPERM operation not permitted"),
                    entry(ENOENT, "ENOENT no such file or directory"),
                    entry(ESRCH, "ESRCH no such process"),
                    entry(EINTR, "EINTR interrupted system call"),
                    entry(EIO, "EIO input/output error"),
                    entry(ENXIO, "ENXIO no such device or address"),
                    entry(E2BIG, "E2BIG argument list too long"),
                    entry(ENOEXEC, "ENOEXEC exec format error"),
                    entry(EBADF, "EBADF bad file descriptor"),
                    entry(ECHILD, "ECHILD no child processes"),
                    entry(EAGAIN, "EAGAIN resource temporarily unavailable"),
                    entry(ENOMEM, "ENOMEM cannot allocate memory"),
                    entry(EACCES, "EACCES permission denied"),
                    entry(EFAULT, "EFAULT bad address"),
                    entry(ENOTBLK, "ENOTBLK block device required"),
                    entry(EBUSY, "EBUSY device or resource busy"),
                    entry(EEXIST, "EEXIST file exists"),
                    entry(EXDEV, "EXDEV invalid cross-device link"),
                    entry(ENODEV, "ENODEV no such device"),
                    entry(ENOTDIR, "ENOTDIR not a directory"),
                    entry(EISDIR, "EISDIR is a directory"),
                    entry(EINVAL, "EINVAL invalid argument"),
                    entry(ENFILE, "ENFILE too many open files in system"),
                    entry(EMFILE, "EMFILE too many open files"),
                    entry(ENOTTY, "ENOTTY inappropriate ioctl for device"),
                    entry(ETXTBSY, "ETXTBSY text file busy"),
                    entry(EFBIG, "EFBIG file too large"),
                    entry(ENOSPC, "ENOSPC no space left on device"),
                    entry(ESPIPE, "ESPIPE illegal seek"),
                    entry(EROFS, "EROFS read-only file system"),
                    entry(EMLINK, "EMLINK too many links"),
                    entry(EPIPE, "EPIPE broken pipe"),
                    entry(ERANGE, "ERANGE numerical result out of range"),
                    entry(EDEADLK, "EDEADLK resource deadlock avoided"),
                    entry(ENAMETOOLONG, "ENAMETOOLONG file name too long"),
                    entry(ENOSYS, "ENOSYS function not implemented"),
                    entry(ENOTEMPTY, "ENOTEMPTY directory not empty"),
                    entry(ELOOP, "ELOOP too many levels of symbolic links"),
                    entry(ENODATA, "ENODATA no data available"),
                    entry(EOVERFLOW, "EOVERFLOW value too large for defined data type"),
                    entry(EUSERS, "EUSERS too many users"),
                    entry(EOPNOTSUPP, "EOPNOTSUPP operation not supported"),
                    entry(ETIMEDOUT, "ETIMEDOUT connection timed out"),
                    entry(ECONNREFUSED, "ECONNREFUSED connection refused"),
                    entry(EINPROGRESS, "EINPROGRESS operation now in progress"),
                    entry(ESTALE, "ESTALE stale file handle"),
                    entry(EDQUOT, "EDQUOT disk quota exceeded"));

    private Errno() {}

    /** The symbol of an error number, or {@code errno N} for one that has no constant here. */
    public static String name(int errno) {
        String described = NAMES.get(errno);
        return described == null
                ? "errno " + errno
                : described.substring(0, described.indexOf(' '));
    }

    /** The symbol followed by what it says in words. */
    static String describe(int errno) {
        String described = NAMES.get(errno);
        return described == null ? "errno " + errno : described.replaceFirst(" ", ", ");
    }
}
