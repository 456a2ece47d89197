package io.berth.daemon.planted.cni;

/** Speaks where nobody listens. */
final class Prints {
    void print() {
        System.out.println();
    }
}
