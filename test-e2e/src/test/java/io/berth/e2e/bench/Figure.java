package io.berth.e2e.bench;

/** Something that is measured. */
record Figure(String name, String unit, Better better) {
    /** A time, in milliseconds. */
    static Figure millis(String name) {
        return new Figure(name, "ms", Better.LESS);
    }

    /** A size, in millions of bytes. */
    static Figure megabytes(String name) {
        return new Figure(name, "MB", Better.LESS);
    }

    /** Processor time over time, in percent of one processor. */
    static Figure processor(String name) {
        return new Figure(name, "% of a CPU", Better.LESS);
    }

    /** How many in a second. */
    static Figure rate(String name, String unit) {
        return new Figure(name, unit + "/s", Better.MORE);
    }
}
