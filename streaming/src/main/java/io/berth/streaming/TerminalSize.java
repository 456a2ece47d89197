package io.berth.streaming;

/** Columns and rows of a terminal. */
public record TerminalSize(int width, int height) {
    private static final int MOST = 0xffff; // struct winsize has 16 bits for each

    public TerminalSize {
        if (width < 0 || width > MOST || height < 0 || height > MOST) {
            throw new IllegalArgumentException(
                    "terminal size: found %dx%d, wanted 0 to %d each"
                            .formatted(width, height, MOST));
        }
    }
}
