package io.berth.daemon.planted.cni;

/** A test that waits for time to pass. */
final class Sleeps {
    void rest() throws InterruptedException {
        Thread.sleep(1);
    }
}
