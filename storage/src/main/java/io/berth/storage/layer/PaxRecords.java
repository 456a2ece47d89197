package io.berth.storage.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A PAX extended header (pax(1), "pax Extended Header"): records of the form {@code "LENGTH
 * KEY=VALUE\n"}, LENGTH in decimal and counting the whole record. Values are bytes; an empty one
 * takes a record back.
 */
final class PaxRecords {
    static final String XATTR = "SCHILY.xattr.";

    static final PaxRecords NONE = new PaxRecords();

    private final Map<String, byte[]> values = new HashMap<>();
    private final List<Long> sparse00 = new ArrayList<>();

    private PaxRecords() {}

    /**
     * Reads a header's bytes.
     *
     * @throws HostileLayer when a record's length is not its length, or its form is another
     */
    static PaxRecords parse(String member, byte[] header) {
        var records = new PaxRecords();
        int at = 0;
        while (at < header.length) {
            int blank = indexOf(header, (byte) ' ', at, Math.min(header.length, at + 10));
            int end = blank < 0 ? -1 : at + length(member, header, at, blank);
            if (blank < 0 || end > header.length || end <= blank || header[end - 1] != '\n') {
                throw new HostileLayer(
                        member, "a malformed PAX record at byte " + at, "LENGTH KEY=VALUE\\n");
            }
            int equals = indexOf(header, (byte) '=', blank + 1, end - 1);
            if (equals <= blank + 1) {
                throw new HostileLayer(member, "a PAX record without a key", "LENGTH KEY=VALUE\\n");
            }
            records.put(
                    member,
                    TarNames.text(member, Arrays.copyOfRange(header, blank + 1, equals)),
                    Arrays.copyOfRange(header, equals + 1, end - 1));
            at = end;
        }
        return records;
    }

    private void put(String member, String key, byte[] value) {
        if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
            boolean offset = sparse00.size() % 2 == 0;
            if (offset != key.equals("GNU.sparse.offset")) {
                throw new HostileLayer(member, key + " out of turn", "offset, numbytes, …");
            }
            sparse00.add(TarNumbers.decimal(member, key, new String(value, ISO_8859_1)));
        } else if (value.length == 0 && !key.startsWith(XATTR)) {
            values.remove(key);
        } else {
            values.put(key, value);
        }
    }

    /** A record's value as text, or {@code otherwise} when there is none. */
    String text(String member, String key, String otherwise) {
        byte[] value = values.get(key);
        return value == null ? otherwise : TarNames.text(member, value);
    }

    /** A record's value as a decimal, or {@code otherwise} when there is none. */
    long number(String member, String key, long otherwise) {
        byte[] value = values.get(key);
        return value == null
                ? otherwise
                : TarNumbers.decimal(member, key, new String(value, ISO_8859_1));
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /** The offsets and lengths of format 0.0, in turn. */
    List<Long> sparse00() {
        return sparse00;
    }

    /** The extended attributes, by name. */
    Map<String, byte[]> xattrs() {
        var xattrs = new HashMap<String, byte[]>();
        values.forEach(
                (key, value) -> {
                    if (key.startsWith(XATTR)) {
                        xattrs.put(key.substring(XATTR.length()), value);
                    }
                });
        return xattrs;
    }

    private static int length(String member, byte[] header, int from, int to) {
        int length = 0;
        for (int i = from; i < to; i++) {
            int digit = header[i] - '0';
            if (digit < 0 || digit > 9) {
                throw new HostileLayer(
                        member, "a PAX record whose length is no number", "LENGTH KEY=VALUE\\n");
            }
            length = length * 10 + digit; // at most 9 digits
        }
        return length;
    }

    private static int indexOf(byte[] bytes, byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
