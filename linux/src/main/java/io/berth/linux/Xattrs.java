package io.berth.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** What the path and descriptor variants of the attribute calls share. */
final class Xattrs {
    /** XATTR_SIZE_MAX and XATTR_LIST_MAX (linux/limits.h): no value and no list is longer. */
    private static final int MAX_SIZE = 65536;

    private Xattrs() {}

    @SuppressWarnings("TooManyParameters")
    static void set(
            Arena arena,
            String call,
            int number,
            Object subject,
            long file,
            String name,
            byte[] value,
            int flags)
            throws LinuxException {
        var bytes = arena.allocateFrom(JAVA_BYTE, value);
        Syscall.call(
                arena,
                call,
                subject + " attribute " + name,
                number,
                file,
                Words.text(arena, name),
                bytes.address(),
                value.length,
                flags);
    }

    static Optional<byte[]> get(
            String call, int number, Object subject, ToLongFunction<Arena> file, String name)
            throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var value = arena.allocate(MAX_SIZE);
            long length =
                    Syscall.call(
                            arena,
                            call,
                            subject + " attribute " + name,
                            number,
                            file.applyAsLong(arena),
                            Words.text(arena, name),
                            value.address(),
                            MAX_SIZE);
            return Optional.of(value.asSlice(0, length).toArray(JAVA_BYTE));
        } catch (LinuxException absent) {
            if (absent.errno() == Errno.ENODATA) {
                return Optional.empty();
            }
            throw absent;
        }
    }

    static List<String> list(String call, int number, Object subject, ToLongFunction<Arena> file)
            throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var names = arena.allocate(MAX_SIZE);
            long length =
                    Syscall.call(
                            arena,
                            call,
                            subject,
                            number,
                            file.applyAsLong(arena),
                            names.address(),
                            MAX_SIZE);
            var list = new ArrayList<String>();
            for (long at = 0; at < length; ) {
                String name = Words.terminated(names, at);
                list.add(name);
                at += FileNames.encode(name).length + 1;
            }
            return list;
        }
    }
}
