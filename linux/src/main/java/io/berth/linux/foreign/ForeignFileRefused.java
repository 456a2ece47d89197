package io.berth.linux.foreign;

import java.io.IOException;

/** The refusal of a foreign file: what was found at its path, and what was wanted there. */
public final class ForeignFileRefused extends IOException {
    private static final long serialVersionUID = 1L;
    private final String found;
    private final String wanted;

    ForeignFileRefused(String path, String found, String wanted) {
        super("%s: found %s, wanted %s".formatted(path, found, wanted));
        this.found = found;
        this.wanted = wanted;
    }

    /** What is there, such as {@code a FIFO}. */
    public String found() {
        return found;
    }

    /** What berth reads, such as {@code a regular file}. */
    public String wanted() {
        return wanted;
    }
}
