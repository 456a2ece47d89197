package io.berth.e2e.cases;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.ListPodSandboxStatsRequest;
import io.berth.e2e.pod.Kubelet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A great many tiny annotations and variables, which take far more memory than bytes. */
final class HeapByAnnotations implements HostileCase {
    private static final int PODS = 6;
    private static final int ANNOTATIONS = 4_000;
    private static final int VARIABLES = 400_000;
    private static final int LISTS = 6;

    @Override
    public String name() {
        return "heap-by-annotations";
    }

    @Override
    public String purpose() {
        return "fills memory with tiny labels and annotations, their figures, and tiny variables";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var kubelet = new Kubelet(daemon);
        var faults = new ArrayList<String>();
        var made = new ArrayList<String>();
        int count = Attack.times(PODS);
        for (int i = 0; i < count; i++) {
            var pod = kubelet.pod();
            for (int j = 0; j < ANNOTATIONS; j++) {
                pod.putAnnotations(Integer.toString(j, 36), "");
                pod.putLabels(Integer.toString(j, 36), "");
            }
            var request = pod.build();
            faults.addAll(
                    Attack.refusedOrDone(
                            "RunPodSandbox " + i, () -> made.add(kubelet.run(request))));
        }
        if (made.isEmpty()) {
            faults.add("RunPodSandbox: found none that succeeded, wanted some");
        }
        var runtime = daemon.client().runtime();
        for (int i = 0; i < Attack.times(LISTS); i++) {
            int listed =
                    runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                            .getItemsCount();
            if (listed < made.size()) {
                faults.add("ListPodSandbox: found %d, wanted %d".formatted(listed, made.size()));
            }
        }
        for (int i = 0; i < Attack.times(LISTS); i++) {
            faults.addAll(
                    Attack.refusedOrDone(
                            "ListPodSandboxStats",
                            () ->
                                    runtime.listPodSandboxStats(
                                            ListPodSandboxStatsRequest.getDefaultInstance())));
        }
        for (var sandbox : made) {
            faults.addAll(
                    Attack.refusedOrDone("PodSandboxStatus", () -> kubelet.podStatus(sandbox)));
        }
        if (!made.isEmpty()) {
            var many = CreateContainerRequest.newBuilder().setPodSandboxId(made.getFirst());
            many.setConfig(tiny(kubelet));
            faults.addAll(
                    Attack.refusedOrDone(
                            "CreateContainer", () -> runtime.createContainer(many.build())));
        }
        faults.addAll(Attack.othersAnswered(daemon));
        made.forEach(kubelet::end);
        return faults;
    }

    private static ContainerConfig tiny(Kubelet kubelet) {
        var container = kubelet.shell("tiny", "true");
        for (int i = 0; i < VARIABLES; i++) {
            container.addEnvs(KeyValue.newBuilder().setKey(Integer.toString(i, 36)));
        }
        return container.build();
    }
}
