package io.berth.daemon.planted.daemon;

/** What others must not import. */
public final class Wiring {
    private Wiring() {}

    /** Something to call. */
    public static void open() {}
}
