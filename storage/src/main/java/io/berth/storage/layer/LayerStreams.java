package io.berth.storage.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Turns a layer's bytes as registries keep them into its tar. */
public final class LayerStreams {
    private static final int INFLATER_BUFFER = 64 * 1024;
    private static final String OCI = "application/vnd.oci.image.layer.";
    private static final String DOCKER = "application/vnd.docker.image.rootfs.";

    private LayerStreams() {}

    /** How a layer is compressed. */
    private enum Compression {
        NONE,
        GZIP,
        ZSTD
    }

    /** As {@link #open(InputStream, String, LayerLimits)} with the limits of every layer. */
    public static LayerStream open(InputStream compressed, String mediaType) throws IOException {
        return open(compressed, mediaType, LayerLimits.DEFAULT);
    }

    /**
     * Opens a layer: gzip (any number of members), zstd (any number of frames) or plain tar, as its
     * first bytes say.
     *
     * @param mediaType the layer's, of OCI or Docker, which must agree with the bytes; empty when
     *     there is none, as in archives
     * @return the tar, which hashes what is read of it; closing it closes {@code compressed}
     * @throws HostileLayer when bytes and media type disagree, or the media type is not a layer's;
     *     and from reading, when the stream is damaged or exceeds the limits
     */
    public static LayerStream open(InputStream compressed, String mediaType, LayerLimits limits)
            throws IOException {
        var input = new MeteredInput(compressed);
        Compression found = magic(input.peek(4));
        if (!mediaType.isEmpty()) {
            Compression wanted = named(mediaType);
            boolean empty = input.available() == 0;
            if (found != wanted && !(empty && wanted == Compression.NONE)) {
                throw new HostileLayer(
                        "stream",
                        found.toString().toLowerCase(Locale.ROOT) + " by its first bytes",
                        wanted.toString().toLowerCase(Locale.ROOT)
                                + ", as the media type "
                                + mediaType
                                + " says");
            }
        }
        return new LayerStream(
                switch (found) {
                    case NONE -> input;
                    case GZIP -> new BoundedInflater(gzip(input), input, limits);
                    case ZSTD ->
                            new BoundedInflater(
                                    new ZstdInputStreamNoFinalizer(input), input, limits);
                });
    }

    private static InputStream gzip(MeteredInput input) throws IOException {
        try {
            return new GZIPInputStream(input, INFLATER_BUFFER);
        } catch (ZipException | EOFException damaged) {
            if (input.isOwn(damaged)) {
                throw damaged;
            }
            throw new HostileLayer("stream", "a damaged gzip header", "a whole one");
        }
    }

    private static Compression magic(byte[] first) {
        if (first.length >= 2 && (first[0] & 0xff) == 0x1f && (first[1] & 0xff) == 0x8b) {
            return Compression.GZIP;
        }
        if (first.length < 4) {
            return Compression.NONE;
        }
        int word =
                (first[0] & 0xff)
                        | (first[1] & 0xff) << 8
                        | (first[2] & 0xff) << 16
                        | (first[3] & 0xff) << 24;
        boolean skippable = (word & 0xfffffff0) == 0x184d2a50; // RFC 8878, 3.1.2
        return word == 0xfd2fb528 || skippable ? Compression.ZSTD : Compression.NONE;
    }

    private static Compression named(String mediaType) {
        if (mediaType.startsWith(OCI) || mediaType.startsWith(DOCKER)) {
            if (mediaType.endsWith(".tar+gzip") || mediaType.endsWith(".tar.gzip")) {
                return Compression.GZIP;
            }
            if (mediaType.endsWith(".tar+zstd") || mediaType.endsWith(".tar.zstd")) {
                return Compression.ZSTD;
            }
            if (mediaType.endsWith(".tar")) {
                return Compression.NONE;
            }
        }
        throw new HostileLayer(
                "stream", "the media type " + mediaType, "a layer as tar, gzip or zstd");
    }
}
