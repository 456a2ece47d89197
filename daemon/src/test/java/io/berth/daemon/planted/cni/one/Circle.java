package io.berth.daemon.planted.cni.one;

import io.berth.daemon.planted.cni.two.Back;

/** Half of a cycle between packages. */
public final class Circle {
    private Circle() {}

    /** Goes round. */
    public static void around() {
        Back.around();
    }
}
