package io.berth.cni;

import java.nio.charset.StandardCharsets;

/** Foreign text cut and cleaned for a message: one line, printable, at most {@link #LIMIT}. */
final class Excerpt {
    private static final int LIMIT = 512;

    private Excerpt() {}

    static String of(byte[] utf8) {
        int length = Math.min(utf8.length, 4 * LIMIT);
        return of(new String(utf8, 0, length, StandardCharsets.UTF_8));
    }

    static String of(String text) {
        var clean = text.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
        return clean.length() <= LIMIT ? clean : clean.substring(0, LIMIT) + "…";
    }
}
