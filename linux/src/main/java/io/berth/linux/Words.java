package io.berth.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** Turns arguments into machine words; the memory behind a word lives as long as its arena. */
final class Words {
    private Words() {}

    static long text(Arena arena, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "argument: found a NUL in \"%s\", wanted none".formatted(text));
        }
        byte[] bytes = FileNames.encode(text);
        var segment = arena.allocate(bytes.length + 1L); // zeroed: the terminator is there
        return segment.copyFrom(MemorySegment.ofArray(bytes)).address();
    }

    /** The text in the bytes of {@code segment}. */
    static String text(MemorySegment segment) {
        return FileNames.decode(segment.toArray(ValueLayout.JAVA_BYTE));
    }

    /** The text of the NUL-terminated bytes at {@code at}. */
    static String terminated(MemorySegment segment, long at) {
        long end = at;
        while (segment.get(ValueLayout.JAVA_BYTE, end) != 0) {
            end++;
        }
        return text(segment.asSlice(at, end - at));
    }

    static long path(Arena arena, Path path) {
        return text(arena, path.toString());
    }

    /** What a call on {@code name} in {@code directory} is about, for its error message. */
    static Object in(LinuxFd directory, String name) {
        return new Object() {
            @Override
            public String toString() {
                if (directory == LinuxFd.AT_FDCWD || name.startsWith("/")) {
                    return name;
                }
                return name.isEmpty() ? directory.toString() : directory + "/" + name;
            }
        };
    }
}
