package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * Names of files as the kernel has them: bytes, mostly UTF-8.
 *
 * <p>Text and bytes convert without loss: a byte that is no UTF-8 becomes the lone surrogate U+DC00
 * plus its value, and back. The {@code *at} calls take such text; {@link java.nio.file.Path} does
 * not.
 */
public final class FileNames {
    private static final char ESCAPE = '\uDC00';

    /** What a decoder puts for bytes that are no UTF-8; may also be in a name by itself. */
    private static final char REPLACEMENT = '\uFFFD';

    private FileNames() {}

    /** The text that stands for {@code bytes}. */
    public static String decode(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : decodeEscaping(bytes);
    }

    private static String decodeEscaping(byte[] bytes) {
        var in = ByteBuffer.wrap(bytes);
        var decoder =
                UTF_8.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        var out = CharBuffer.allocate(bytes.length + 1);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) {
                break;
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE + (in.get() & 0xff)));
            }
            decoder.reset();
        }
        return out.flip().toString();
    }

    /** The bytes that {@code name} stands for. */
    public static byte[] encode(String name) {
        for (int at = 0; at < name.length(); at++) {
            if (Character.isSurrogate(name.charAt(at))) {
                return encodeEscaped(name);
            }
        }
        return name.getBytes(UTF_8);
    }

    private static byte[] encodeEscaped(String name) {
        var bytes = new ByteArrayOutputStream();
        for (int at = 0; at < name.length(); ) {
            int point = name.codePointAt(at);
            at += Character.charCount(point);
            if (point >= ESCAPE + 0x80 && point <= ESCAPE + 0xff) {
                bytes.write(point - ESCAPE);
            } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException(
                        "file name: found lone surrogate %04x, wanted text".formatted(point));
            } else {
                bytes.writeBytes(Character.toString(point).getBytes(UTF_8));
            }
        }
        return bytes.toByteArray();
    }
}
