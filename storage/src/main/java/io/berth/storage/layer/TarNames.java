package io.berth.storage.layer;

import io.berth.linux.FileNames;
import java.util.Arrays;

/** Names in a tar: bytes without NUL, kept without loss also when they are no UTF-8. */
final class TarNames {
    private TarNames() {}

    /** The whole of {@code bytes} as text. */
    static String text(String member, byte[] bytes) {
        String text = FileNames.decode(bytes);
        if (text.indexOf('\0') >= 0) {
            throw new HostileLayer(member, "a NUL in \"" + text + "\"", "none");
        }
        return text;
    }

    /** A header field that ends at its first NUL, or fills its room. */
    static String field(byte[] block, int offset, int length) {
        int end = 0;
        while (end < length && block[offset + end] != 0) {
            end++;
        }
        return FileNames.decode(Arrays.copyOfRange(block, offset, offset + end));
    }
}
