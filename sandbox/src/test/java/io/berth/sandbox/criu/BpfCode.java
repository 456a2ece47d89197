package io.berth.sandbox.criu;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Writes classic BPF as a test needs it. */
final class BpfCode {
    static final int ALLOW = 0x7fff_0000;
    static final int ERRNO = 0x0005_0001;
    static final int X86_64 = 0xc000_003e;

    private final List<byte[]> code = new ArrayList<>();

    BpfCode load(int offset) {
        return add(0x20, 0, 0, offset);
    }

    BpfCode and(int mask) {
        return add(0x54, 0, 0, mask);
    }

    BpfCode equal(int value, int yes, int no) {
        return add(0x15, yes, no, value);
    }

    BpfCode atLeast(int value, int yes, int no) {
        return add(0x35, yes, no, value);
    }

    BpfCode end(int action) {
        return add(0x06, 0, 0, action);
    }

    BpfCode add(int operation, int yes, int no, int operand) {
        code.add(
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putShort((short) operation)
                        .put((byte) yes)
                        .put((byte) no)
                        .putInt(operand)
                        .array());
        return this;
    }

    byte[] bytes() {
        var buffer = ByteBuffer.allocate(code.size() * 8);
        code.forEach(buffer::put);
        return buffer.array();
    }

    FilterProgram program() {
        return FilterProgram.of(ByteString.copyFrom(bytes()));
    }
}
