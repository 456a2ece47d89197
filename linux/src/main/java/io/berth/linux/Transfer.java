package io.berth.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Moves bytes between a descriptor and a buffer: in place for direct buffers, else by a copy. */
final class Transfer {
    /** How much of a heap buffer is copied out for one call. */
    private static final int COPY_SIZE = 256 * 1024;

    private Transfer() {}

    /** Fills {@code buffer} from its position; {@code offset} is -1 for calls that take none. */
    static int in(String call, int number, LinuxFd file, ByteBuffer buffer, long offset)
            throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            int room =
                    buffer.isDirect()
                            ? buffer.remaining()
                            : Math.min(buffer.remaining(), COPY_SIZE);
            MemorySegment bytes =
                    buffer.isDirect() ? MemorySegment.ofBuffer(buffer) : arena.allocate(room);
            int length =
                    (int)
                            Syscall.call(
                                    arena,
                                    call,
                                    file,
                                    number,
                                    file.number(),
                                    bytes.address(),
                                    room,
                                    offset);
            if (buffer.isDirect()) {
                buffer.position(buffer.position() + length);
            } else {
                buffer.put(bytes.asSlice(0, length).asByteBuffer());
            }
            return length;
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    /** Writes from {@code buffer}'s position; {@code offset} is -1 for calls that take none. */
    static int out(String call, int number, LinuxFd file, ByteBuffer buffer, long offset)
            throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            int size =
                    buffer.isDirect()
                            ? buffer.remaining()
                            : Math.min(buffer.remaining(), COPY_SIZE);
            MemorySegment bytes = MemorySegment.ofBuffer(buffer);
            if (!buffer.isDirect()) {
                bytes = arena.allocate(size).copyFrom(bytes.asSlice(0, size));
            }
            int length =
                    (int)
                            Syscall.call(
                                    arena,
                                    call,
                                    file,
                                    number,
                                    file.number(),
                                    bytes.address(),
                                    size,
                                    offset);
            buffer.position(buffer.position() + length);
            return length;
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }
}
