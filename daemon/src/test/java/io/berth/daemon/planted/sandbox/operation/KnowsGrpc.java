package io.berth.daemon.planted.sandbox.operation;

import io.grpc.Context;

/** gRPC away from the edges. */
final class KnowsGrpc {
    boolean cancelled() {
        return Context.current().isCancelled();
    }
}
