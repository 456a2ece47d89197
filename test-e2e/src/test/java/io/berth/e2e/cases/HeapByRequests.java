package io.berth.e2e.cases;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerFilter;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.e2e.pod.Kubelet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Containers that are only created, each with an environment as large as a ConfigMap may be. */
final class HeapByRequests implements HostileCase {
    private static final int CONTAINERS = 70;
    private static final int VARIABLES = 12;
    private static final int VARIABLE_BYTES = 100_000;

    @Override
    public String name() {
        return "heap-by-requests";
    }

    @Override
    public String purpose() {
        return "fills memory with 70 created containers of 1.2 MB environment each";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var kubelet = new Kubelet(daemon);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var faults = new ArrayList<String>();
        int count = Attack.times(CONTAINERS);
        for (int i = 0; i < count; i++) {
            var container = kubelet.shell("h" + i, "sleep 1000");
            for (int j = 0; j < VARIABLES; j++) {
                var value = ByteString.copyFromUtf8(i + "." + j + "x".repeat(VARIABLE_BYTES));
                container.addEnvs(KeyValue.newBuilder().setKey("E" + j).setValue(value));
            }
            var request = container.build();
            faults.addAll(
                    Attack.refusedOrDone(
                            "CreateContainer " + i, () -> kubelet.create(sandbox, pod, request)));
        }
        faults.addAll(Attack.othersAnswered(daemon));
        var listed =
                daemon.client()
                        .runtime()
                        .listContainers(
                                ListContainersRequest.newBuilder()
                                        .setFilter(
                                                ContainerFilter.newBuilder()
                                                        .setPodSandboxId(sandbox))
                                        .build())
                        .getContainersCount();
        if (listed == 0) {
            faults.add("ListContainers: found none, wanted those that were created");
        }
        kubelet.end(sandbox);
        return faults;
    }
}
