package io.berth.imageservice.registry;

import io.berth.storage.content.Digest;

/** A manifest as a host sent it. */
public final class FoundManifest {

    private final Digest digest;
    private final String mediaType;
    private final byte[] bytes;

    /** Checks nothing: the digest is the caller's word. */
    public FoundManifest(Digest digest, String mediaType, byte[] bytes) {
        this.digest = digest;
        this.mediaType = mediaType;
        this.bytes = bytes.clone();
    }

    /** Of exactly these bytes. */
    public Digest digest() {
        return digest;
    }

    /** Without parameters; empty when the host said none. */
    public String mediaType() {
        return mediaType;
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }
}
