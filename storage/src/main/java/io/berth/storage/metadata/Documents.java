package io.berth.storage.metadata;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Bytes by key in a family of their own: what is too large to be kept in memory, and is read when
 * it is needed. Written through {@link Batch}, in one batch with the records that name it.
 *
 * <pre>
 * 1 byte   version of the form, 1
 * n bytes  the document
 * </pre>
 */
public final class Documents {
    /** Of one document: the largest request with all that goes into it. */
    static final int MAX_BYTES = 8 << 20;

    private static final byte VERSION = 1;

    private final Metadata metadata;
    private final String family;

    Documents(Metadata metadata, String family) {
        this.metadata = metadata;
        this.family = family;
    }

    /**
     * The document of {@code key}, or none. Reads the disk.
     *
     * @throws MetadataException.UnreadableRecord when it is there in a form that is not known
     */
    public Optional<ByteBuffer> get(String key) {
        return metadata.read(family, key).map(bytes -> decode(key, bytes));
    }

    String family() {
        return family;
    }

    static byte[] encode(String family, byte[] document) {
        if (document.length > MAX_BYTES) {
            throw new MetadataException.TooLarge(family, document.length, MAX_BYTES);
        }
        byte[] bytes = new byte[document.length + 1];
        bytes[0] = VERSION;
        System.arraycopy(document, 0, bytes, 1, document.length);
        return bytes;
    }

    private ByteBuffer decode(String key, byte[] bytes) {
        if (bytes.length == 0 || bytes[0] != VERSION) {
            throw new MetadataException.UnreadableRecord(
                    family,
                    key,
                    "found version %d, wanted %d"
                            .formatted(bytes.length == 0 ? 0 : bytes[0], VERSION));
        }
        return ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    }
}
