package io.berth.daemon.planted.cni;

/** An error that no caller can tell from another. */
final class ThrowsAnything {
    void fail() {
        throw new RuntimeException("cni: found anything, wanted something");
    }
}
