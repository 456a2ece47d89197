package io.berth.storage.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.regex.Pattern;

/** Numbers as tar headers write them: octal, base 256 (GNU), decimal (PAX). */
final class TarNumbers {
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,18}");
    private static final Pattern TIME = Pattern.compile("(-?)([0-9]{1,12})(?:\\.([0-9]*))?");

    private TarNumbers() {}

    /** A header field: octal in ASCII, or big-endian binary when the first bit is set. */
    static long field(String member, byte[] block, int offset, int length) {
        if ((block[offset] & 0x80) != 0) {
            return binary(member, block, offset, length);
        }
        String text = new String(block, offset, length, ISO_8859_1);
        int end = text.indexOf('\0');
        String digits = (end < 0 ? text : text.substring(0, end)).strip();
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 7) {
                throw new HostileLayer(member, "number \"" + digits + "\"", "octal digits");
            }
            value = value << 3 | digit; // at most 12 digits: 36 bits
        }
        return value;
    }

    private static long binary(String member, byte[] block, int offset, int length) {
        boolean negative = (block[offset] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int next = block[offset + i] & 0xff;
            if (i == 0) {
                next = negative ? next : next & 0x7f;
            }
            long shifted = value << 8 | next;
            if (shifted >> 8 != value) {
                throw new HostileLayer(member, "a binary number above 64 bits", "63 bits");
            }
            value = shifted;
        }
        return value;
    }

    /** A PAX decimal that is not negative. */
    static long decimal(String member, String key, String text) {
        if (!DECIMAL.matcher(text).matches()) {
            throw new HostileLayer(member, key + "=" + text, "a decimal of 1 to 18 digits");
        }
        return Long.parseLong(text);
    }

    /** A PAX time: seconds since 1970 with a fraction, cut to nanoseconds towards the past. */
    static Instant time(String member, String key, String text) {
        var matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw new HostileLayer(member, key + "=" + text, "seconds with a fraction");
        }
        long seconds = Long.parseLong(matcher.group(2));
        String fraction = matcher.group(3) == null ? "" : matcher.group(3);
        long nanos = Long.parseLong((fraction + "000000000").substring(0, 9));
        return matcher.group(1).isEmpty()
                ? Instant.ofEpochSecond(seconds, nanos)
                : Instant.ofEpochSecond(-seconds, -nanos);
    }

    /** A header's time in whole seconds. */
    static Instant time(String member, long seconds) {
        try {
            return Instant.ofEpochSecond(seconds);
        } catch (DateTimeException outOfRange) {
            throw new HostileLayer(member, "time " + seconds, "a time that a calendar knows");
        }
    }
}
