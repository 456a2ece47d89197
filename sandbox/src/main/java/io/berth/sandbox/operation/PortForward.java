package io.berth.sandbox.operation;

import io.berth.cri.v1.PortForwardRequest;
import io.berth.linux.FdPoller;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Namespaces;
import io.berth.linux.PolledFd;
import io.berth.linux.SystemCalls;
import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.spec.FieldPolicy;
import java.io.IOException;
import java.time.Duration;

/**
 * Connects to ports of a pod: to 127.0.0.1 in its network namespace, else to ::1. Only the making
 * of the socket happens in there; a socket stays in the namespace of its birth.
 */
final class PortForward {
    /** Within one machine; longer is a backlog that nobody accepts from. */
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final Node node;
    private final FdPoller poller;
    private final Namespaces namespaces;

    PortForward(Node node, FdPoller poller, Namespaces namespaces) {
        this.node = node;
        this.poller = poller;
        this.namespaces = namespaces;
    }

    /** Throws if nothing could be connected now. */
    void check(PortForwardRequest request) {
        FieldPolicy.check(request);
        for (int port : request.getPortList()) {
            requirePort(port);
        }
        var _ = ready(request.getPodSandboxId());
    }

    private static void requirePort(int port) {
        if (port < 1 || port > 0xffff) {
            throw new SandboxException.InvalidRequest(
                    "port: found %d, wanted 1 to 65535".formatted(port));
        }
    }

    private PodSandbox ready(String id) {
        node.adoptions().await(node.sandbox(id).id());
        var sandbox = node.sandbox(id);
        if (!sandbox.ready()) {
            throw new SandboxException.WrongState(
                    "sandbox %s: is %s, a ready one is wanted"
                            .formatted(sandbox.id(), sandbox.state().word()));
        }
        return sandbox;
    }

    /** A connection that stands. */
    PolledFd connect(String podSandboxId, int port) throws IOException {
        requirePort(port);
        var sandbox = ready(podSandboxId);
        try {
            return connect(sandbox, port, false);
        } catch (IOException v4) {
            try {
                return connect(sandbox, port, true);
            } catch (IOException v6) {
                var failure =
                        new IOException(
                                "found no listener on its loopback address: 127.0.0.1: %s; ::1: %s"
                                        .formatted(v4.getMessage(), v6.getMessage()),
                                v4);
                failure.addSuppressed(v6);
                throw failure;
            }
        }
    }

    private PolledFd connect(PodSandbox sandbox, int port, boolean v6) throws IOException {
        SystemCalls<LinuxFd> begin = () -> begun(node.linux(), port, v6);
        var socket =
                Steps.run(
                        "port-forward.connect",
                        sandbox.id() + ":" + port,
                        () ->
                                sandbox.onHostNetwork()
                                        ? begin.run()
                                        : namespaces.callInNetns(
                                                node.networks().netnsPath(sandbox.id().value()),
                                                begin));
        var connection = poller.watch(socket);
        try {
            connection.awaitConnected(CONNECT);
            return connection;
        } catch (IOException failed) {
            connection.close();
            throw failed;
        }
    }

    /** A socket whose connect is under way. */
    private static LinuxFd begun(Linux linux, int port, boolean v6) throws LinuxException {
        var socket = linux.tcpSocket(v6);
        try {
            var _ = linux.connectLoopback(socket, v6, port);
            return socket;
        } catch (LinuxException failed) {
            socket.close();
            throw failed;
        }
    }
}
