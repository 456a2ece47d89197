package io.berth.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * The terminal behind one of this process's descriptors, by ioctl(2), tty_ioctl(4). Its mode is the
 * terminal's own and outlives this process: who changes it restores it.
 */
public final class Terminal {
    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TIOCGWINSZ = 0x5413;

    /** struct termios of the kernel: four words of flags, a byte, 19 control characters. */
    private static final int TERMIOS_BYTES = 36;

    private static final int CONTROL = 17;
    private static final int VTIME = 5;
    private static final int VMIN = 6;

    /** BRKINT, ICRNL, IGNBRK, IGNCR, INLCR, ISTRIP, IXON, PARMRK. */
    private static final int INPUT_COOKING = 02 | 0400 | 01 | 0200 | 0100 | 040 | 02000 | 010;

    private static final int OPOST = 01;
    private static final int CSIZE_AND_PARENB = 060 | 0400;
    private static final int CS8 = 060;

    /** ECHO, ECHONL, ICANON, IEXTEN, ISIG. */
    private static final int LOCAL_COOKING = 010 | 0100 | 02 | 0100000 | 01;

    private final int descriptor;
    private final byte[] found;

    private Terminal(int descriptor, byte[] found) {
        this.descriptor = descriptor;
        this.found = found;
    }

    /** Columns and rows. */
    public record Size(int columns, int rows) {}

    /** The terminal behind a descriptor; empty if there is none. */
    public static Optional<Terminal> of(int descriptor) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var termios = arena.allocate(TERMIOS_BYTES, 8);
            ioctl(arena, descriptor, TCGETS, termios.address());
            return Optional.of(new Terminal(descriptor, termios.toArray(ValueLayout.JAVA_BYTE)));
        } catch (LinuxException none) {
            if (none.errno() == Errno.ENOTTY || none.errno() == Errno.EBADF) {
                return Optional.empty();
            }
            throw none;
        }
    }

    /** How large it is now. */
    public Size size() throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var size = arena.allocate(8, 8);
            ioctl(arena, descriptor, TIOCGWINSZ, size.address());
            int rows = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 0));
            int columns = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 2));
            return new Size(columns, rows);
        }
    }

    /** Passes every key on as it is typed, and shows none (termios(3), cfmakeraw). */
    public void raw() throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var termios = arena.allocate(TERMIOS_BYTES, 8);
            termios.copyFrom(MemorySegment.ofArray(found));
            change(termios, 0, INPUT_COOKING, 0);
            change(termios, 4, OPOST, 0);
            change(termios, 8, CSIZE_AND_PARENB, CS8);
            change(termios, 12, LOCAL_COOKING, 0);
            termios.set(ValueLayout.JAVA_BYTE, CONTROL + VMIN, (byte) 1);
            termios.set(ValueLayout.JAVA_BYTE, CONTROL + VTIME, (byte) 0);
            ioctl(arena, descriptor, TCSETS, termios.address());
        }
    }

    private static void change(MemorySegment termios, int offset, int clear, int set) {
        int flags = termios.get(ValueLayout.JAVA_INT, offset);
        termios.set(ValueLayout.JAVA_INT, offset, (flags & ~clear) | set);
    }

    /** Puts the mode back that was found. */
    public void restore() throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var termios = arena.allocate(TERMIOS_BYTES, 8);
            termios.copyFrom(MemorySegment.ofArray(found));
            ioctl(arena, descriptor, TCSETS, termios.address());
        }
    }

    private static void ioctl(Arena arena, int descriptor, int request, long argument)
            throws LinuxException {
        var _ =
                Syscall.call(
                        arena,
                        "ioctl",
                        "descriptor " + descriptor,
                        Numbers.IOCTL,
                        descriptor,
                        request,
                        argument);
    }
}
