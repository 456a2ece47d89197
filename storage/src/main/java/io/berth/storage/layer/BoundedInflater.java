package io.berth.storage.layer;

import com.github.luben.zstd.ZstdIOException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;

/**
 * A decompressor's output, held to the layer's limits: its size, and its ratio to what went in.
 * Damage and excess are a {@link HostileLayer}; a failure to read the input stays what it is.
 */
final class BoundedInflater extends InputStream {
    private static final String STREAM = "stream";
    private final InputStream inflated;
    private final MeteredInput input;
    private final LayerLimits limits;
    private long given;

    BoundedInflater(InputStream inflated, MeteredInput input, LayerLimits limits) {
        this.inflated = inflated;
        this.input = input;
        this.limits = limits;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 1 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read;
        try {
            read = inflated.read(into, offset, length);
        } catch (ZipException | EOFException | ZstdIOException damaged) {
            if (input.isOwn(damaged)) {
                throw damaged;
            }
            throw new HostileLayer(
                    STREAM,
                    "damage after %d compressed bytes (%s)"
                            .formatted(input.taken(), damaged.getMessage()),
                    "a whole gzip or zstd stream");
        }
        given += Math.max(read, 0);
        check();
        return read;
    }

    private void check() {
        if (given > limits.maxBytes()) {
            throw new HostileLayer(
                    STREAM,
                    "more than %d bytes".formatted(limits.maxBytes()),
                    "at most that, uncompressed");
        }
        if (given > limits.ratioFreeBytes() && given / limits.maxRatio() > input.taken()) {
            throw new HostileLayer(
                    STREAM,
                    "%d bytes out of %d".formatted(given, input.taken()),
                    "at most %d for each".formatted(limits.maxRatio()));
        }
    }

    @Override
    public void close() throws IOException {
        inflated.close();
    }
}
