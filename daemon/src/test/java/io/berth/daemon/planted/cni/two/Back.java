package io.berth.daemon.planted.cni.two;

import io.berth.daemon.planted.cni.one.Circle;

/** The other half of a cycle between packages. */
public final class Back {
    private Back() {}

    /** Goes round. */
    public static void around() {
        Circle.around();
    }
}
