package io.berth.e2e.cases;

import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.NetworkConfig;
import io.berth.cri.v1.RuntimeConfig;
import io.berth.cri.v1.UpdateContainerResourcesRequest;
import io.berth.cri.v1.UpdateRuntimeConfigRequest;
import io.berth.e2e.pod.Kubelet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Updates that are much larger than what they change, again and again. */
final class HeapByUpdates implements HostileCase {
    private static final int ROUNDS = 4;
    private static final int ENTRIES = 60_000;
    private static final int CIDR_CHARACTERS = 3_000_000;

    @Override
    public String name() {
        return "heap-by-updates";
    }

    @Override
    public String purpose() {
        return "fills memory with updates of limits and of the pods' network";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var kubelet = new Kubelet(daemon);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var container = kubelet.create(sandbox, pod, kubelet.shell("c", "sleep 1000").build());
        var limits = LinuxContainerResources.newBuilder().setCpuShares(512);
        var noted = UpdateContainerResourcesRequest.newBuilder().setContainerId(container);
        for (int i = 0; i < ENTRIES; i++) {
            limits.putUnified("u." + Integer.toString(i, 36), "1");
            noted.putAnnotations("a." + Integer.toString(i, 36), "1");
        }
        var network = NetworkConfig.newBuilder().setPodCidr("1".repeat(CIDR_CHARACTERS));
        var config =
                UpdateRuntimeConfigRequest.newBuilder()
                        .setRuntimeConfig(RuntimeConfig.newBuilder().setNetworkConfig(network))
                        .build();
        var runtime = daemon.client().runtime();
        var faults = new ArrayList<String>();
        for (int i = 0; i < Attack.times(ROUNDS); i++) {
            var unified = noted.clone().clearAnnotations().setLinux(limits).build();
            faults.addAll(
                    Attack.answered(
                            "UpdateContainerResources of limits",
                            () -> runtime.updateContainerResources(unified)));
            faults.addAll(
                    Attack.answered(
                            "UpdateContainerResources of annotations",
                            () -> runtime.updateContainerResources(noted.build())));
            faults.addAll(
                    Attack.answered(
                            "UpdateRuntimeConfig", () -> runtime.updateRuntimeConfig(config)));
        }
        faults.addAll(Attack.othersAnswered(daemon));
        if (kubelet.status(container).getId().isEmpty()) {
            faults.add("ContainerStatus: found no container, wanted the one that was updated");
        }
        kubelet.end(sandbox);
        return faults;
    }
}
