package io.berth.sandbox.criu;

/**
 * A value of 32 bits of which only some are known.
 *
 * @param known the bits that are known
 * @param value their values; 0 for a bit that is not known
 */
record Bits(int known, int value) {
    static final Bits UNKNOWN = new Bits(0, 0);

    /** Whether something holds for all values, for none, or for some. */
    enum Answer {
        YES,
        NO,
        MAYBE;

        Answer not() {
            return switch (this) {
                case YES -> NO;
                case NO -> YES;
                case MAYBE -> MAYBE;
            };
        }
    }

    Bits {
        value &= known;
    }

    static Bits of(int value) {
        return new Bits(-1, value);
    }

    boolean isKnown() {
        return known == -1;
    }

    /** Returns the value with one bit more known. */
    Bits with(int bit, boolean set) {
        int mask = 1 << bit;
        return new Bits(known | mask, set ? value | mask : value & ~mask);
    }

    /** Returns a value that may be either. */
    Bits or(Bits other) {
        return new Bits(known & other.known & ~(value ^ other.value), value);
    }

    Bits and(Bits other) {
        int zeros = (known & ~value) | (other.known & ~other.value);
        return new Bits(zeros | (known & other.known), value & other.value);
    }

    Bits orBits(Bits other) {
        int ones = (known & value) | (other.known & other.value);
        return new Bits(ones | (known & other.known), value | other.value);
    }

    Bits xor(Bits other) {
        return new Bits(known & other.known, value ^ other.value);
    }

    Answer equal(Bits other) {
        if ((known & other.known & (value ^ other.value)) != 0) {
            return Answer.NO;
        }
        return isKnown() && other.isKnown() ? Answer.YES : Answer.MAYBE;
    }

    /** Returns whether it is greater, both taken without a sign. */
    Answer greater(Bits other) {
        if (least() > other.most()) {
            return Answer.YES;
        }
        return most() <= other.least() ? Answer.NO : Answer.MAYBE;
    }

    /** Returns whether both have a common bit. */
    Answer meets(Bits other) {
        var common = and(other);
        if (common.value != 0) {
            return Answer.YES;
        }
        return common.isKnown() ? Answer.NO : Answer.MAYBE;
    }

    long least() {
        return Integer.toUnsignedLong(value);
    }

    long most() {
        return Integer.toUnsignedLong(value | ~known);
    }
}
