package io.berth.storage.layer;

/** What a layer's whiteouts ({@code .wh.NAME}, {@code .wh..wh..opq}) become on disk. */
public enum WhiteoutStyle {
    /**
     * Overlayfs's own marks: a character device 0:0, and {@code trusted.overlay.opaque=y} on a
     * directory. The layer is applied on its own, without its parents.
     */
    OVERLAY,
    /** The named files are deleted. The layer is applied on a copy of its parents. */
    DELETE
}
