package io.berth.linux.foreign;

import java.io.IOException;
import java.io.Serial;

/**
 * Thrown for bytes that are not JSON, or that exceed a limit. The message says what was found,
 * without the subject, which only the caller knows.
 */
public final class MalformedJson extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    private final int line;

    MalformedJson(String found, int line) {
        super(found);
        this.line = line;
    }

    /** The message, which is never absent. */
    public String found() {
        return String.valueOf(getMessage());
    }

    /** The line where the problem is, from 1 up. */
    public int line() {
        return line;
    }
}
