package io.berth.storage.layer;

import java.io.IOException;

/**
 * What the members of a layer do, in their order; what stands in the way of a member is replaced,
 * but a directory over a directory keeps its content. The real one is {@link DirectorySink}; tests
 * and fuzzers bring one that touches no file.
 */
interface LayerSink {
    /** A member's stored bytes, in order; to be read inside the call that it is given to. */
    interface Content {
        /** Reads at most {@code length} bytes; 0 at the end. */
        int read(byte[] into, int length) throws IOException;
    }

    void directory(LayerPath path, TarMember member) throws IOException;

    void file(LayerPath path, TarMember member, Content content) throws IOException;

    void symlink(LayerPath path, TarMember member) throws IOException;

    /** {@code path} becomes another name of {@code target}, which this layer has made before. */
    void hardLink(LayerPath path, LayerPath target, TarMember member) throws IOException;

    /** A device or FIFO. */
    void node(LayerPath path, TarMember member) throws IOException;

    /** {@code path} of the parents is gone; one that this layer has made stays. */
    void whiteout(LayerPath path, TarMember member) throws IOException;

    /** What the parents have in {@code directory} is gone; what this layer has made there stays. */
    void opaque(LayerPath directory, TarMember member) throws IOException;
}
