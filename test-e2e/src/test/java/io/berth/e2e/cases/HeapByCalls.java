package io.berth.e2e.cases;

import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.GetEventsRequest;
import io.berth.cri.v1.RuntimeServiceGrpc;
import io.berth.e2e.cri.CriClient;
import io.berth.e2e.pod.Kubelet;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Calls whose requests never come, and calls whose answers nobody reads. */
final class HeapByCalls implements HostileCase {
    private static final int UNFINISHED = 2000;
    private static final int UNREAD = 20;
    private static final String OUTPUT = "head -c 8000000 /dev/zero";

    @Override
    public String name() {
        return "heap-by-calls";
    }

    @Override
    public String purpose() {
        return "fills memory with unfinished requests, unread outputs and unread events";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var kubelet = new Kubelet(daemon);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var container = kubelet.launch(sandbox, pod, kubelet.shell("c", "sleep 10000").build());
        var faults = new ArrayList<String>();
        try (var hostile = CriClient.of(daemon.socket())) {
            var version =
                    RuntimeServiceGrpc.getVersionMethod().toBuilder()
                            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                            .build();
            for (int i = 0; i < Attack.times(UNFINISHED); i++) {
                begin(hostile, version);
            }
            var output =
                    ExecSyncRequest.newBuilder()
                            .setContainerId(container)
                            .addAllCmd(List.of("sh", "-c", OUTPUT))
                            .build();
            for (int i = 0; i < Attack.times(UNREAD); i++) {
                send(hostile, RuntimeServiceGrpc.getExecSyncMethod(), output);
                send(
                        hostile,
                        RuntimeServiceGrpc.getGetContainerEventsMethod(),
                        GetEventsRequest.getDefaultInstance());
            }
            for (int i = 0; i < UNREAD; i++) {
                faults.addAll(Attack.othersAnswered(daemon));
            }
            if (kubelet.exec(container, "echo", "here").getExitCode() != 0) {
                faults.add("ExecSync of another caller: found a failure, wanted its output");
            }
        }
        kubelet.end(sandbox);
        return faults;
    }

    private static <Q, A> ClientCall<Q, A> begin(CriClient client, MethodDescriptor<Q, A> method) {
        var call = client.channel().newCall(method, CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        return call;
    }

    /** Sends a request whose answer is never asked for. */
    private static <Q, A> void send(CriClient client, MethodDescriptor<Q, A> method, Q request) {
        var call = begin(client, method);
        call.sendMessage(request);
        call.halfClose();
    }
}
