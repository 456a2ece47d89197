package io.berth.daemon.planted.cni;

import java.lang.foreign.Arena;

/** Another door to the kernel. */
final class CallsNativeCode {
    void call() {
        try (var arena = Arena.ofConfined()) {
            arena.allocate(1);
        }
    }
}
