package io.berth.linux;

import java.io.IOException;

/** A system call that failed: which one, with which errno, on what. */
public final class LinuxException extends IOException {
    private final String call;
    private final int errno;
    private final String subject;

    /** The failure of {@code call} on {@code subject} with {@code errno}, a constant of Errno. */
    public LinuxException(String call, int errno, Object subject) {
        super("%s: %s: %s".formatted(subject, call, Errno.describe(errno)));
        this.call = call;
        this.errno = errno;
        this.subject = subject.toString();
    }

    /** The system call's name, such as {@code umount2}. */
    public String call() {
        return call;
    }

    /** The error number, one of {@link Errno}'s constants or another of the kernel's. */
    public int errno() {
        return errno;
    }

    /** The error number's symbol, such as {@code EBUSY}. */
    public String errnoName() {
        return Errno.name(errno);
    }

    /** What the call was about: a path or a descriptor. */
    public String subject() {
        return subject;
    }
}
