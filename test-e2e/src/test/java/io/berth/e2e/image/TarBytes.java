package io.berth.e2e.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Writes a ustar archive in memory: enough for a layer and an OCI archive. */
public final class TarBytes {
    private static final int BLOCK = 512;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public TarBytes folder(String name, int mode) {
        return entry(name + "/", '5', mode, "", new byte[0]);
    }

    public TarBytes file(String name, int mode, byte[] content) {
        return entry(name, '0', mode, "", content);
    }

    public TarBytes file(String name, String content) {
        return file(name, 0644, content.getBytes(UTF_8));
    }

    public TarBytes link(String name, String target) {
        return entry(name, '2', 0777, target, new byte[0]);
    }

    /** A device node: {@code type} is 3 for a character device, 4 for a block device. */
    public TarBytes device(String name, char type, int major, int minor) {
        return entry(name, type, 0666, "", new byte[0], major, minor);
    }

    public TarBytes fifo(String name) {
        return entry(name, '6', 0666, "", new byte[0]);
    }

    byte[] finish() {
        bytes.writeBytes(new byte[2 * BLOCK]);
        return bytes.toByteArray();
    }

    private TarBytes entry(String name, char type, int mode, String target, byte[] content) {
        return entry(name, type, mode, target, content, 0, 0);
    }

    private TarBytes entry(
            String name, char type, int mode, String target, byte[] content, int major, int minor) {
        var header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, "%07o".formatted(mode));
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, "%011o".formatted(content.length));
        put(header, 136, "%011o".formatted(1_700_000_000L));
        header[156] = (byte) type;
        put(header, 157, target);
        put(header, 257, "ustar");
        put(header, 263, "00");
        put(header, 329, "%07o".formatted(major));
        put(header, 337, "%07o".formatted(minor));
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte value : header) {
            sum += value & 0xff;
        }
        put(header, 148, "%06o".formatted(sum));
        header[154] = 0;
        bytes.writeBytes(header);
        bytes.writeBytes(content);
        bytes.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
        return this;
    }

    private static void put(byte[] header, int at, String text) {
        var encoded = text.getBytes(UTF_8);
        System.arraycopy(encoded, 0, header, at, encoded.length);
    }
}
