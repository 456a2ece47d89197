package io.berth.storage.layer;

import java.util.List;

/**
 * What applying a layer did.
 *
 * @param entries members read
 * @param bytes bytes of file content written, holes not counted
 * @param impliedDirectories directories made because a member lies in them although the tar has no
 *     entry for them (or not yet another layer's), as paths relative to the root, parents first;
 *     they have mode 0755 and owner 0:0 until the chain's commit gives them their parents'
 *     attributes
 * @param droppedXattrs extended attributes that the file system cannot hold, {@code name on path},
 *     the first 100
 */
public record LayerApplied(
        long entries, long bytes, List<String> impliedDirectories, List<String> droppedXattrs) {

    /** The outcome of a layer without members. */
    public static final LayerApplied NOTHING = new LayerApplied(0, 0, List.of(), List.of());

    /** Copies the lists. */
    public LayerApplied {
        impliedDirectories = List.copyOf(impliedDirectories);
        droppedXattrs = List.copyOf(droppedXattrs);
    }
}
