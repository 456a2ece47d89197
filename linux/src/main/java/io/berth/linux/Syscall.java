package io.berth.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The one native handle: syscall(2) with a number and six words, linked on first use.
 *
 * <p>Linking a handle a call costs the daemon 300 ms at its start; this one serves all. Every call
 * brings its own memory for errno, so errno is never another thread's.
 */
final class Syscall {
    private static final Linker.Option ERRNO_CAPTURE = Linker.Option.captureCallState("errno");
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout()
                    .varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle HANDLE = link();

    private Syscall() {}

    @SuppressWarnings("restricted") // this is the door
    private static MethodHandle link() {
        String architecture = System.getProperty("os.arch", "unknown");
        if (!architecture.equals("amd64")) {
            throw new UnsupportedOperationException(
                    "architecture: found %s, wanted amd64 (x86-64)".formatted(architecture));
        }
        var linker = Linker.nativeLinker();
        var words = new MemoryLayout[7];
        Arrays.fill(words, JAVA_LONG);
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(JAVA_LONG, words),
                ERRNO_CAPTURE);
    }

    /** Calls and starts again when a signal interrupts (EINTR). */
    static long call(SegmentAllocator memory, String name, Object subject, long number, long... w)
            throws LinuxException {
        while (true) {
            long result = raw(memory, number, w);
            if (result >= 0) {
                return result;
            }
            if (-result != Errno.EINTR) {
                throw new LinuxException(name, (int) -result, subject);
            }
        }
    }

    /** As {@link #call}, for calls that need no memory of their own. */
    static long call(String name, Object subject, long number, long... words)
            throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            return call(arena, name, subject, number, words);
        }
    }

    /** Calls once; the result, or the error number negated. */
    static long raw(SegmentAllocator memory, long number, long... w) {
        MemorySegment state = memory.allocate(JAVA_INT);
        try {
            long result =
                    (long)
                            HANDLE.invokeExact(
                                    state,
                                    number,
                                    word(w, 0),
                                    word(w, 1),
                                    word(w, 2),
                                    word(w, 3),
                                    word(w, 4),
                                    word(w, 5));
            return result == -1 ? -(long) (int) ERRNO.get(state, 0L) : result;
        } catch (Throwable impossible) {
            throw new AssertionError("syscall " + number, impossible);
        }
    }

    private static long word(long[] words, int index) {
        return index < words.length ? words[index] : 0;
    }
}
