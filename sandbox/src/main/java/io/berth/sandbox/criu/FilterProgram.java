package io.berth.sandbox.criu;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A seccomp filter: a program of classic BPF (linux/filter.h). It is run on values of which only
 * some bits are known, and the answer is every action that any value can lead to, or more.
 *
 * <p>Jumps only lead forward. So each instruction is looked at once, with what is known of the
 * registers on all ways that lead to it.
 */
final class FilterProgram {
    private static final int MAX_INSTRUCTIONS = 4096;
    private static final int MEMORY = 16;

    /** struct seccomp_data: number, architecture, instruction pointer, six arguments. */
    static final int DATA_WORDS = 16;

    private final int[] code;
    private final int[] yes;
    private final int[] no;
    private final int[] operand;

    private FilterProgram(int size) {
        code = new int[size];
        yes = new int[size];
        no = new int[size];
        operand = new int[size];
    }

    /** Reads instructions of 8 bytes each. */
    static FilterProgram of(ByteString bytes) {
        int size = bytes.size() / 8;
        if (bytes.size() % 8 != 0 || size == 0 || size > MAX_INSTRUCTIONS) {
            throw new MalformedImage(
                    "filter: found %d bytes, wanted instructions of 8 bytes, %d at most"
                            .formatted(bytes.size(), MAX_INSTRUCTIONS));
        }
        var program = new FilterProgram(size);
        var buffer = ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < size; at++) {
            program.code[at] = Short.toUnsignedInt(buffer.getShort());
            program.yes[at] = Byte.toUnsignedInt(buffer.get());
            program.no[at] = Byte.toUnsignedInt(buffer.get());
            program.operand[at] = buffer.getInt();
        }
        return program;
    }

    /** What is known at an instruction: the accumulator, the index register and the memory. */
    private static final class State {
        private final Bits[] values = new Bits[2 + MEMORY];

        static State start() {
            var state = new State();
            Arrays.fill(state.values, Bits.of(0));
            return state;
        }

        State copy() {
            var copy = new State();
            System.arraycopy(values, 0, copy.values, 0, values.length);
            return copy;
        }

        void join(State other) {
            for (int at = 0; at < values.length; at++) {
                values[at] = values[at].or(other.values[at]);
            }
        }
    }

    /**
     * Returns whether some value leads to an action that lets the call through: to any but kill,
     * trap and error.
     *
     * @param data the words of the call's description
     */
    boolean mayAllow(Bits[] data) {
        var states = new State[code.length];
        states[0] = State.start();
        for (int at = 0; at < code.length; at++) {
            var state = states[at];
            if (state != null && step(at, state, data, states)) {
                return true;
            }
            states[at] = null;
        }
        return false;
    }

    /** Returns whether the program can end here with an action that lets the call through. */
    private boolean step(int at, State state, Bits[] data, State[] states) {
        var values = state.values;
        int kind = code[at] & 0x07;
        boolean index = (code[at] & 0x08) != 0;
        switch (kind) {
            case 0, 1 -> values[kind] = loaded(at, state, data); // ld, ldx
            case 2 -> values[2 + slot(at)] = values[0]; // st
            case 3 -> values[2 + slot(at)] = values[1]; // stx
            case 4 -> values[0] = computed(at, values[0], index ? values[1] : Bits.of(operand[at]));
            case 5 -> {
                jump(at, state, index ? values[1] : Bits.of(operand[at]), states);
                return false;
            }
            case 6 -> {
                return lets((code[at] & 0x18) == 0x10 ? values[0] : Bits.of(operand[at]));
            }
            default -> { // misc
                switch (code[at] & 0xf8) {
                    case 0x00 -> values[1] = values[0]; // tax
                    case 0x80 -> values[0] = values[1]; // txa
                    default -> throw unknown(at);
                }
            }
        }
        go(at + 1, state, states);
        return false;
    }

    private Bits loaded(int at, State state, Bits[] data) {
        int mode = code[at] & 0xe0;
        int kind = code[at] & 0x07;
        if (mode == 0x00) {
            return Bits.of(operand[at]); // imm
        }
        if (mode == 0x60) {
            return state.values[2 + slot(at)]; // mem
        }
        if (mode == 0x80) {
            return Bits.of(DATA_WORDS * 4); // len
        }
        if (kind == 0 && mode == 0x20) { // abs
            if (operand[at] % 4 != 0 || operand[at] < 0 || operand[at] / 4 >= DATA_WORDS) {
                throw unknown(at);
            }
            return data[operand[at] / 4];
        }
        throw unknown(at);
    }

    private int slot(int at) {
        if (operand[at] < 0 || operand[at] >= MEMORY) {
            throw unknown(at);
        }
        return operand[at];
    }

    private Bits computed(int at, Bits left, Bits right) {
        return switch (code[at] & 0xf0) {
            case 0x40 -> left.orBits(right);
            case 0x50 -> left.and(right);
            case 0xa0 -> left.xor(right);
            case 0x00, 0x10, 0x20, 0x30, 0x60, 0x70, 0x80, 0x90 -> arithmetic(at, left, right);
            default -> throw unknown(at);
        };
    }

    private Bits arithmetic(int at, Bits left, Bits right) {
        if (!left.isKnown() || !right.isKnown()) {
            return Bits.UNKNOWN;
        }
        int a = left.value();
        int b = right.value();
        return switch (code[at] & 0xf0) {
            case 0x00 -> Bits.of(a + b);
            case 0x10 -> Bits.of(a - b);
            case 0x20 -> Bits.of(a * b);
            case 0x30 -> b == 0 ? Bits.UNKNOWN : Bits.of(Integer.divideUnsigned(a, b));
            case 0x60 -> Bits.of(b >= 32 || b < 0 ? 0 : a << b);
            case 0x70 -> Bits.of(b >= 32 || b < 0 ? 0 : a >>> b);
            case 0x80 -> Bits.of(-a);
            default -> Bits.UNKNOWN;
        };
    }

    private void jump(int at, State state, Bits right, State[] states) {
        var left = state.values[0];
        int kind = code[at] & 0xf0;
        if (kind == 0x00) { // always
            long target = at + 1L + Integer.toUnsignedLong(operand[at]);
            if (target >= code.length) {
                throw unknown(at);
            }
            go((int) target, state, states);
            return;
        }
        var holds =
                switch (kind) {
                    case 0x10 -> left.equal(right);
                    case 0x20 -> left.greater(right);
                    case 0x30 -> right.greater(left).not();
                    case 0x40 -> left.meets(right);
                    default -> throw unknown(at);
                };
        if (holds != Bits.Answer.NO) {
            go(at + 1 + yes[at], holds == Bits.Answer.MAYBE ? state.copy() : state, states);
        }
        if (holds != Bits.Answer.YES) {
            go(at + 1 + no[at], state, states);
        }
    }

    private void go(int target, State state, State[] states) {
        if (target >= code.length) {
            throw new MalformedImage("filter: found a way past its end");
        }
        var there = states[target];
        if (there == null) {
            states[target] = state;
        } else {
            there.join(state);
        }
    }

    /** SECCOMP_RET_*: errno is 5, trap 3, kill 0 and 8 in the upper half (linux/seccomp.h). */
    private static boolean lets(Bits action) {
        if (!action.isKnown()) {
            return true;
        }
        int kind = action.value() & 0xffff_0000;
        return kind != 0x0005_0000 && kind != 0x0003_0000 && kind != 0 && kind != 0x8000_0000;
    }

    private MalformedImage unknown(int at) {
        return new MalformedImage(
                "filter: found instruction 0x%x %d at %d, wanted one of a seccomp filter"
                        .formatted(code[at], operand[at], at));
    }
}
