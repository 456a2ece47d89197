package io.berth.daemon.planted.storage;

import io.berth.daemon.planted.daemon.Wiring;

/** Against the arrows between modules. */
final class ImportsTheDaemon {
    void open() {
        Wiring.open();
    }
}
