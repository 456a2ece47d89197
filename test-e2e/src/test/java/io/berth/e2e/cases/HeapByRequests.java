package io.berth.e2e.cases;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerFilter;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.e2e.pod.Kubelet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Containers that are only created: some with an environment as large as a ConfigMap may be, some
 * with a great many small variables, which take far more memory than bytes.
 */
final class HeapByRequests implements HostileCase {
    private static final int LARGE = 12;
    private static final int VARIABLES = 12;
    private static final int VARIABLE_BYTES = 100_000;
    private static final int CROWDED = 36;
    private static final int SMALL_VARIABLES = 20_000;

    @Override
    public String name() {
        return "heap-by-requests";
    }

    @Override
    public String purpose() {
        return "fills memory with created containers of large environments";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var kubelet = new Kubelet(daemon);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var faults = new ArrayList<String>();
        int large = Attack.times(LARGE);
        int all = large + Attack.times(CROWDED);
        for (int i = 0; i < all; i++) {
            var container = kubelet.shell("h" + i, "sleep 1000");
            if (i < large) {
                fewLarge(container, i);
            } else {
                manySmall(container);
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

    private static void fewLarge(ContainerConfig.Builder container, int number) {
        for (int j = 0; j < VARIABLES; j++) {
            var value = ByteString.copyFromUtf8(number + "." + j + "x".repeat(VARIABLE_BYTES));
            container.addEnvs(KeyValue.newBuilder().setKey("E" + j).setValue(value));
        }
    }

    private static void manySmall(ContainerConfig.Builder container) {
        var value = ByteString.copyFromUtf8("v");
        for (int j = 0; j < SMALL_VARIABLES; j++) {
            var name = "E" + Integer.toString(j, 36);
            container.addEnvs(KeyValue.newBuilder().setKey(name).setValue(value));
        }
    }
}
