package io.berth.daemon.cri;

import io.berth.daemon.metrics.Metrics;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.lang.System.Logger;
import java.time.Duration;

/** Counts and times every call; logs each one's end at DEBUG, never its content. */
public final class RpcMetrics implements ServerInterceptor {
    private static final Logger LOG = System.getLogger(RpcMetrics.class.getName());

    private final Metrics metrics;

    public RpcMetrics(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        long began = System.nanoTime();
        var method = String.valueOf(call.getMethodDescriptor().getBareMethodName());
        var timed =
                new SimpleForwardingServerCall<Q, A>(call) {
                    @Override
                    public void close(Status status, Metadata trailers) {
                        var took = Duration.ofNanos(System.nanoTime() - began);
                        metrics.rpc(method, status.getCode().name(), took);
                        LOG.log(
                                Logger.Level.DEBUG,
                                () ->
                                        "rpc=%s code=%s took=%d ms %s"
                                                .formatted(
                                                        method,
                                                        status.getCode(),
                                                        took.toMillis(),
                                                        status.getDescription() == null
                                                                ? ""
                                                                : status.getDescription()));
                        super.close(status, trailers);
                    }
                };
        return next.startCall(timed, headers);
    }
}
