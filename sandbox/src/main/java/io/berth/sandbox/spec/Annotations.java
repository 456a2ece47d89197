package io.berth.sandbox.spec;

import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import java.util.Map;
import java.util.TreeMap;

/**
 * What shims and tools read about a pod, under containerd's keys. The shim groups by sandbox-id:
 * one shim a pod.
 */
final class Annotations {
    private static final String PREFIX = "io.kubernetes.cri.";

    /** What a salvage needs beside that, see {@code io.berth.sandbox.salvage}. */
    private static final String OWN = "io.berth.";

    private Annotations() {}

    static Map<String, String> ofPause(PodSandbox sandbox) {
        var annotations = pod(sandbox, "sandbox");
        annotations.put(PREFIX + "sandbox-log-directory", sandbox.brief().getLogDirectory());
        annotations.put(OWN + "attempt", attempt(sandbox.brief().getMetadata().getAttempt()));
        annotations.put(OWN + "handler", sandbox.runtimeHandler());
        if (sandbox.brief().getLinux().hasResources()) {
            var sum = sandbox.brief().getLinux().getResources();
            annotations.put(PREFIX + "sandbox-cpu-period", Long.toString(sum.getCpuPeriod()));
            annotations.put(PREFIX + "sandbox-cpu-quota", Long.toString(sum.getCpuQuota()));
            annotations.put(PREFIX + "sandbox-cpu-shares", Long.toString(sum.getCpuShares()));
            annotations.put(PREFIX + "sandbox-memory", Long.toString(sum.getMemoryLimitInBytes()));
        }
        return annotations;
    }

    static Map<String, String> ofContainer(Container container, PodSandbox sandbox) {
        var annotations = pod(sandbox, "container");
        annotations.put(PREFIX + "container-name", container.brief().getMetadata().getName());
        annotations.put(PREFIX + "image-name", container.brief().getImage().getImage());
        annotations.put(OWN + "attempt", attempt(container.brief().getMetadata().getAttempt()));
        annotations.put(OWN + "log-path", container.logPath());
        return annotations;
    }

    private static String attempt(int number) {
        return Integer.toUnsignedString(number);
    }

    private static Map<String, String> pod(PodSandbox sandbox, String type) {
        var metadata = sandbox.brief().getMetadata();
        var annotations = new TreeMap<String, String>();
        annotations.put(PREFIX + "container-type", type);
        annotations.put(PREFIX + "sandbox-id", sandbox.id().value());
        annotations.put(PREFIX + "sandbox-name", metadata.getName());
        annotations.put(PREFIX + "sandbox-namespace", metadata.getNamespace());
        annotations.put(PREFIX + "sandbox-uid", metadata.getUid());
        return annotations;
    }
}
