package io.berth.daemon.cri;

import io.berth.cri.v1.AttachRequest;
import io.berth.cri.v1.AttachResponse;
import io.berth.cri.v1.ExecRequest;
import io.berth.cri.v1.ExecResponse;
import io.berth.cri.v1.PortForwardRequest;
import io.berth.cri.v1.PortForwardResponse;
import io.berth.sandbox.operation.Sandboxes;
import io.berth.streaming.Channels;
import io.berth.streaming.StreamRequest;
import io.berth.streaming.StreamServer;

/** The RPCs that answer with a URL: each checks that it could be done, and registers it. */
public final class StreamEndpoint {
    private final Sandboxes sandboxes;
    private final StreamServer streams;

    public StreamEndpoint(Sandboxes sandboxes, StreamServer streams) {
        this.sandboxes = sandboxes;
        this.streams = streams;
    }

    ExecResponse exec(ExecRequest request) {
        sandboxes.checkExec(request);
        var channels =
                new Channels(
                        request.getStdin(),
                        request.getStdout(),
                        request.getStderr(),
                        request.getTty());
        var url =
                streams.register(
                        new StreamRequest.Exec(
                                request.getContainerId(), request.getCmdList(), channels));
        return ExecResponse.newBuilder().setUrl(url.toString()).build();
    }

    AttachResponse attach(AttachRequest request) {
        sandboxes.checkAttach(request);
        var channels =
                new Channels(
                        request.getStdin(),
                        request.getStdout(),
                        request.getStderr(),
                        request.getTty());
        var url = streams.register(new StreamRequest.Attach(request.getContainerId(), channels));
        return AttachResponse.newBuilder().setUrl(url.toString()).build();
    }

    PortForwardResponse portForward(PortForwardRequest request) {
        sandboxes.checkPortForward(request);
        var url =
                streams.register(
                        new StreamRequest.PortForward(
                                request.getPodSandboxId(), request.getPortList()));
        return PortForwardResponse.newBuilder().setUrl(url.toString()).build();
    }
}
