package io.berth.storage.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a tar (POSIX ustar, with PAX headers for what does not fit into it): the counterpart of
 * {@link TarReader}. Closing writes the end; the stream below stays open.
 */
public final class TarWriter implements Closeable {
    private static final int MAX_NAME = 100;
    private static final long MAX_OCTAL_11 = 077777777777L;
    private static final long MAX_OCTAL_7 = 07777777L;
    private static final byte[] END = new byte[2 * TarBlocks.BLOCK];

    private final OutputStream out;

    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * One member.
     *
     * @param name relative, a directory's with a slash at its end
     * @param type 0 file, 1 hard link, 2 symlink, 3 character, 4 block device, 5 directory, 6 FIFO
     * @param size bytes of content; of a file only
     * @param modified seconds since 1970
     * @param link what a link points to
     * @param xattrs by full name
     */
    public record Member(
            String name,
            char type,
            int mode,
            long uid,
            long gid,
            long size,
            long modified,
            String link,
            int major,
            int minor,
            Map<String, byte[]> xattrs) {
        public Member {
            xattrs = Map.copyOf(xattrs);
        }

        /** A file of root's alone. */
        public static Member file(String name, long size, long modified) {
            return new Member(name, '0', 0600, 0, 0, size, modified, "", 0, 0, Map.of());
        }

        /** A directory of root's alone. */
        public static Member directory(String name, long modified) {
            return new Member(name, '5', 0700, 0, 0, 0, modified, "", 0, 0, Map.of());
        }
    }

    /** Writes a member without content. */
    public void put(Member member) throws IOException {
        put(member, InputStream.nullInputStream());
    }

    /**
     * Writes a member with content, of which exactly {@code member.size()} bytes are taken.
     *
     * @throws IOException if there are fewer
     */
    public void put(Member member, InputStream content) throws IOException {
        var extended = extended(member);
        if (!extended.isEmpty()) {
            var records = records(extended);
            var shown = Member.file("PaxHeaders/" + shortened(member.name()), records.length, 0);
            header(shown, 'x');
            out.write(records);
            pad(records.length);
        }
        header(member, member.type());
        long left = member.size();
        var buffer = new byte[1 << 16];
        while (left > 0) {
            int count = content.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) {
                throw new IOException(
                        "%s: found %d bytes fewer than the %d that it had"
                                .formatted(member.name(), left, member.size()));
            }
            out.write(buffer, 0, count);
            left -= count;
        }
        pad(member.size());
    }

    private static Map<String, byte[]> extended(Member member) {
        var extended = new TreeMap<String, byte[]>();
        if (!plain(member.name())) {
            extended.put("path", member.name().getBytes(UTF_8));
        }
        if (!plain(member.link())) {
            extended.put("linkpath", member.link().getBytes(UTF_8));
        }
        if (member.size() > MAX_OCTAL_11) {
            extended.put("size", Long.toString(member.size()).getBytes(UTF_8));
        }
        if (member.uid() > MAX_OCTAL_7) {
            extended.put("uid", Long.toString(member.uid()).getBytes(UTF_8));
        }
        if (member.gid() > MAX_OCTAL_7) {
            extended.put("gid", Long.toString(member.gid()).getBytes(UTF_8));
        }
        member.xattrs().forEach((name, value) -> extended.put("SCHILY.xattr." + name, value));
        return extended;
    }

    private static boolean plain(String name) {
        return name.length() <= MAX_NAME && name.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    }

    /** Each record counts its own length in its first number. */
    private static byte[] records(Map<String, byte[]> extended) throws IOException {
        var all = new ByteArrayOutputStream();
        for (var record : extended.entrySet()) {
            var key = record.getKey().getBytes(UTF_8);
            int rest = key.length + record.getValue().length + 3;
            int length = rest + 1;
            while (length != rest + Integer.toString(length).length()) {
                length = rest + Integer.toString(length).length();
            }
            all.write((length + " ").getBytes(UTF_8));
            all.write(key);
            all.write('=');
            all.write(record.getValue());
            all.write('\n');
        }
        return all.toByteArray();
    }

    private static String shortened(String name) {
        var ascii = name.replaceAll("[^ -~]", "_");
        return ascii.length() <= 80 ? ascii : ascii.substring(ascii.length() - 80);
    }

    private void header(Member member, char type) throws IOException {
        var block = new byte[TarBlocks.BLOCK];
        text(block, 0, MAX_NAME, member.name());
        octal(block, 100, 8, member.mode() & 07777);
        octal(block, 108, 8, Math.min(member.uid(), MAX_OCTAL_7));
        octal(block, 116, 8, Math.min(member.gid(), MAX_OCTAL_7));
        octal(block, 124, 12, Math.min(member.size(), MAX_OCTAL_11));
        octal(block, 136, 12, Math.clamp(member.modified(), 0, MAX_OCTAL_11));
        Arrays.fill(block, 148, 156, (byte) ' ');
        block[156] = (byte) type;
        text(block, 157, MAX_NAME, member.link());
        text(block, 257, 8, "ustar\0" + "00");
        octal(block, 329, 8, member.major());
        octal(block, 337, 8, member.minor());
        long sum = 0;
        for (byte each : block) {
            sum += each & 0xff;
        }
        octal(block, 148, 7, sum);
        out.write(block);
    }

    private static void text(byte[] block, int at, int length, String text) {
        var bytes = plain(text) || at == 257 ? text.getBytes(ISO_8859_1) : shortBytes(text);
        System.arraycopy(bytes, 0, block, at, Math.min(bytes.length, length));
    }

    /** Only for readers that do not know the PAX header before it. */
    private static byte[] shortBytes(String text) {
        return shortened(text).getBytes(ISO_8859_1);
    }

    private static void octal(byte[] block, int at, int length, long value) {
        var digits = Long.toOctalString(value);
        var text = "0".repeat(length - 1 - digits.length()) + digits;
        System.arraycopy(text.getBytes(ISO_8859_1), 0, block, at, length - 1);
    }

    private void pad(long size) throws IOException {
        int over = (int) (size % TarBlocks.BLOCK);
        if (over > 0) {
            out.write(END, 0, TarBlocks.BLOCK - over);
        }
    }

    @Override
    public void close() throws IOException {
        out.write(END);
        out.flush();
    }
}
