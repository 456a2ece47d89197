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
    private final boolean quotes;

    MalformedJson(String found, int line) {
        this(found, line, false);
    }

    /**
     * @param quotes whether the message may have words of the document
     */
    MalformedJson(String found, int line, boolean quotes) {
        super(found);
        this.line = line;
        this.quotes = quotes;
    }

    /** The message, which is never absent. */
    public String found() {
        return String.valueOf(getMessage());
    }

    /** The message without any word of the document, which may not be the reader's to know. */
    public String foundWithoutWords() {
        return quotes ? "found an error in line %d".formatted(line) : found();
    }

    /** The line where the problem is, from 1 up. */
    public int line() {
        return line;
    }
}
