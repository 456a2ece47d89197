package io.berth.storage.layer;

import io.berth.storage.content.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A layer's tar being read, and the digest of it: the diff id (OCI image-spec, config.md). */
public final class LayerStream extends FilterInputStream {
    private final MessageDigest sha256;
    private boolean ended;

    LayerStream(InputStream tar) {
        super(tar);
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 1 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read = in.read(into, offset, length);
        if (read > 0) {
            sha256.update(into, offset, read);
        }
        ended |= read < 0;
        return read;
    }

    @Override
    public long skip(long count) throws IOException {
        return readNBytes((int) Math.min(Math.max(count, 0), 8192)).length;
    }

    /** Marks are not kept: what is read is hashed once. */
    @Override
    public boolean markSupported() {
        return false;
    }

    /**
     * The diff id; called once, after the end was read.
     *
     * @throws IllegalStateException when the stream has not been read to its end
     */
    public Digest diffId() {
        if (!ended) {
            throw new IllegalStateException("layer stream: found more to read, wanted its end");
        }
        return new Digest("sha256", HexFormat.of().formatHex(sha256.digest()));
    }
}
