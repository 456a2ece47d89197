package io.berth.daemon.planted.sandbox.operation;

import io.berth.daemon.planted.cri.v1.PodServiceGrpc;

/** Sandbox takes messages, and no services. */
final class SeesAService {
    void bind() {
        PodServiceGrpc.bind();
    }
}
