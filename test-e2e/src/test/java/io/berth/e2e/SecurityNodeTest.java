package io.berth.e2e;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxStatusRequest;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** Pods and containers that are asked what they may do, from inside and by the kernel's account. */
abstract class SecurityNodeTest extends NodeTest {
    private static final Pattern PID = Pattern.compile("\"pid\":(\\d+)");
    private final AtomicInteger count = new AtomicInteger();

    /** A pod that runs. */
    record Pod(String id, PodSandboxConfig config) {}

    Pod pod() throws IOException {
        return pod(LinuxSandboxSecurityContext.newBuilder());
    }

    Pod pod(LinuxSandboxSecurityContext.Builder security) throws IOException {
        var linux = LinuxPodSandboxConfig.newBuilder().setSecurityContext(security);
        var config = kubelet.pod().setLinux(linux).build();
        return new Pod(kubelet.run(config), config);
    }

    /** A container that runs a script, with a name that is used once. */
    ContainerConfig.Builder shell(LinuxContainerSecurityContext.Builder security, String script) {
        return kubelet.shell("c" + count.incrementAndGet(), script)
                .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(security));
    }

    /** What a container writes to its standard output until its end. */
    List<String> output(Pod pod, ContainerConfig.Builder container) throws IOException {
        kubelet.exited(kubelet.launch(pod.id(), pod.config(), container.build()));
        return LogLine.texts(Kubelet.log(pod.config(), container), "stdout");
    }

    List<String> output(Pod pod, LinuxContainerSecurityContext.Builder security, String script)
            throws IOException {
        return output(pod, shell(security, script));
    }

    /** A line of the pause process's /proc/PID/status. */
    String pauseStatus(Pod pod, String field) throws IOException {
        var status =
                node.client()
                        .runtime()
                        .podSandboxStatus(
                                PodSandboxStatusRequest.newBuilder()
                                        .setPodSandboxId(pod.id())
                                        .setVerbose(true)
                                        .build());
        var info = PID.matcher(status.getInfoOrDefault("info", ""));
        if (!info.find()) {
            throw new AssertionError("found no pid in " + status.getInfoMap());
        }
        for (var line : Files.readAllLines(Path.of("/proc", info.group(1), "status"))) {
            if (line.startsWith(field + ":")) {
                return line.substring(field.length() + 1).strip();
            }
        }
        throw new AssertionError("found no " + field + " of process " + info.group(1));
    }
}
