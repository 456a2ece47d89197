package io.berth.storage.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes tars for tests, wrong ones too: nothing is checked. Written apart from the reader. */
final class TarBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** One header's fields, with the values of a plain file. */
    static final class Header {
        private String name = "file";
        private char type = '0';
        private int mode = 0644;
        private long uid;
        private long gid;
        private long size;
        private long modified = 1_700_000_000;
        private String link = "";
        private int major;
        private int minor;
        private long wrongSum;
        private final Map<String, byte[]> pax = new LinkedHashMap<>();

        Header(String name, char type) {
            this.name = name;
            this.type = type;
        }

        Header mode(int value) {
            mode = value;
            return this;
        }

        Header owner(long newUid, long newGid) {
            uid = newUid;
            gid = newGid;
            return this;
        }

        Header link(String target) {
            link = target;
            return this;
        }

        Header size(long value) {
            size = value;
            return this;
        }

        Header modified(long seconds) {
            modified = seconds;
            return this;
        }

        Header device(int newMajor, int newMinor) {
            major = newMajor;
            minor = newMinor;
            return this;
        }

        Header wrongSum() {
            wrongSum = 1;
            return this;
        }

        Header pax(String key, String value) {
            return pax(key, value.getBytes(UTF_8));
        }

        Header pax(String key, byte[] value) {
            pax.put(key, value);
            return this;
        }
    }

    static Header file(String name) {
        return new Header(name, '0');
    }

    static Header directory(String name) {
        return new Header(name, '5').mode(0755);
    }

    static Header symlink(String name, String target) {
        return new Header(name, '2').mode(0777).link(target);
    }

    static Header hardLink(String name, String target) {
        return new Header(name, '1').link(target);
    }

    /** A member with content; its size is the content's unless the header says another. */
    TarBytes add(Header header, byte[] content) {
        if (!header.pax.isEmpty()) {
            byte[] records = records(header.pax);
            block(new Header("PaxHeaders/x", 'x').size(records.length));
            padded(records);
        }
        if (header.size == 0) {
            header.size = content.length;
        }
        block(header);
        padded(content);
        return this;
    }

    TarBytes add(Header header) {
        return add(header, new byte[0]);
    }

    TarBytes add(String name, String content) {
        return add(file(name), content.getBytes(UTF_8));
    }

    /** Bytes as they are. */
    TarBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** A GNU long name or link for the next member. */
    TarBytes gnuLong(char type, String text) {
        byte[] bytes = (text + "\0").getBytes(UTF_8);
        block(new Header("././@LongLink", type).size(bytes.length));
        padded(bytes);
        return this;
    }

    byte[] end() {
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    byte[] withoutEnd() {
        return out.toByteArray();
    }

    private void padded(byte[] bytes) {
        out.writeBytes(bytes);
        out.writeBytes(new byte[-bytes.length & 511]);
    }

    private void block(Header header) {
        byte[] block = new byte[512];
        text(block, 0, header.name, 100);
        text(block, 100, "%07o".formatted(header.mode), 8);
        number(block, 108, header.uid, 8);
        number(block, 116, header.gid, 8);
        number(block, 124, header.size, 12);
        number(block, 136, header.modified, 12);
        block[156] = (byte) header.type;
        text(block, 157, header.link, 100);
        text(block, 257, "ustar\00000", 8);
        number(block, 329, header.major, 8);
        number(block, 337, header.minor, 8);
        Arrays.fill(block, 148, 156, (byte) ' ');
        long sum = header.wrongSum;
        for (byte b : block) {
            sum += b & 0xff;
        }
        text(block, 148, "%06o\0".formatted(sum), 8);
        out.writeBytes(block);
    }

    private static byte[] records(Map<String, byte[]> pax) {
        var records = new ByteArrayOutputStream();
        pax.forEach(
                (key, value) -> {
                    int body = key.getBytes(UTF_8).length + value.length + 3;
                    int length = body + String.valueOf(body).length();
                    length = body + String.valueOf(length).length();
                    records.writeBytes((length + " " + key + "=").getBytes(UTF_8));
                    records.writeBytes(value);
                    records.write('\n');
                });
        return records.toByteArray();
    }

    private static void number(byte[] block, int offset, long value, int length) {
        if (value >= 0 && value < 1L << (3 * (length - 1))) {
            text(block, offset, ("%0" + (length - 1) + "o").formatted(value), length);
            return;
        }
        for (int i = length - 1; i >= 0; i--) {
            int shift = 8 * (length - 1 - i);
            block[offset + i] = (byte) (shift < 64 ? value >> shift : value >> 63);
        }
        block[offset] |= (byte) 0x80;
    }

    private static void text(byte[] block, int offset, String text, int length) {
        byte[] bytes = text.getBytes(text.chars().allMatch(c -> c < 256) ? ISO_8859_1 : UTF_8);
        System.arraycopy(bytes, 0, block, offset, Math.min(bytes.length, length));
    }
}
