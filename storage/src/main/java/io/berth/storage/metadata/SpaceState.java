package io.berth.storage.metadata;

/** Whether the store may grow. */
public enum SpaceState {
    /** The reserve stands; everything is accepted. */
    NORMAL,
    /** The disk was full: the reserve is spent or missing, batches that grow are refused. */
    FULL
}
