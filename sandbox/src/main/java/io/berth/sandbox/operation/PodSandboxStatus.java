package io.berth.sandbox.operation;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.berth.cri.v1.LinuxPodSandboxStatus;
import io.berth.cri.v1.Namespace;
import io.berth.cri.v1.PodIP;
import io.berth.cri.v1.PodSandboxNetworkStatus;
import io.berth.cri.v1.PodSandboxState;
import io.berth.cri.v1.PodSandboxStatusResponse;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells all about one sandbox, from memory save for the files of a verbose answer. */
final class PodSandboxStatus {
    private static final JsonMapper JSON = new JsonMapper();

    private final Node node;

    PodSandboxStatus(Node node) {
        this.node = node;
    }

    PodSandboxStatusResponse run(String podSandboxId, boolean verbose) {
        var sandbox = node.sandbox(podSandboxId);
        var response = PodSandboxStatusResponse.newBuilder().setStatus(status(sandbox));
        if (verbose) {
            response.putInfo("info", info(sandbox));
        }
        return response.build();
    }

    static io.berth.cri.v1.PodSandboxStatus status(PodSandbox sandbox) {
        var config = sandbox.brief();
        var namespaces =
                Namespace.newBuilder()
                        .setOptions(config.getLinux().getSecurityContext().getNamespaceOptions());
        var network = PodSandboxNetworkStatus.newBuilder();
        if (!sandbox.ips().isEmpty()) {
            network.setIp(sandbox.ips().getFirst());
            sandbox.ips().stream()
                    .skip(1)
                    .forEach(ip -> network.addAdditionalIps(PodIP.newBuilder().setIp(ip)));
        }
        return io.berth.cri.v1.PodSandboxStatus.newBuilder()
                .setId(sandbox.id().value())
                .setMetadata(config.getMetadata())
                .setState(state(sandbox))
                .setCreatedAt(CriTime.nanos(sandbox.createdAt()))
                .setNetwork(network)
                .setLinux(LinuxPodSandboxStatus.newBuilder().setNamespaces(namespaces))
                .putAllLabels(sandbox.labels())
                .putAllAnnotations(sandbox.annotations())
                .setRuntimeHandler(sandbox.runtimeHandler())
                .build();
    }

    static PodSandboxState state(PodSandbox sandbox) {
        return sandbox.ready() ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
    }

    private String info(PodSandbox sandbox) {
        var info = new LinkedHashMap<String, Object>();
        switch (sandbox.state()) {
            case SandboxState.Ready(_, var pid) -> info.put("pid", pid);
            case SandboxState.NotReady(_, var reason) -> info.put("reason", reason);
            case SandboxState.Stopped(_, var reason) -> info.put("reason", reason);
            case SandboxState.Creating _, SandboxState.Removing _ -> {}
        }
        info.put("state", sandbox.state().word());
        info.put("processStatus", sandbox.ready() ? "running" : "deleted");
        info.put("image", node.settings().pauseImage());
        info.put("snapshotKey", sandbox.id().value());
        node.storage()
                .snapshotters()
                .holderOf(sandbox.id().value())
                .ifPresent(name -> info.put("snapshotter", name));
        RuntimeInfo.put(info, node, sandbox.runtimeHandler());
        info.put("config", MessageInfo.of(sandbox.config()));
        info.put("runtimeHandler", sandbox.runtimeHandler());
        info.put("bundle", node.paths().bundle(sandbox.id()).toString());
        if (!sandbox.onHostNetwork()) {
            network(sandbox, info);
        }
        info.put("cgroupParent", CgroupPlan.parent(node, sandbox));
        var linux = sandbox.brief().getLinux();
        if (linux.hasOverhead()) {
            info.put("overhead", ResourceInfo.of(linux.getOverhead()));
        }
        if (linux.hasResources()) {
            info.put("resources", ResourceInfo.of(linux.getResources()));
        }
        info.put("runtimeSpec", RuntimeSpec.of(node.paths().bundle(sandbox.id())));
        return JSON.valueToTree(info).toString();
    }

    private void network(PodSandbox sandbox, Map<String, Object> info) {
        var netns = node.networks().netnsPath(sandbox.id().value());
        info.put("netns", netns.toString());
        info.put("netNamespaceClosed", !Files.exists(netns));
        try {
            var results = node.networks().results(sandbox.id().value());
            if (!results.isEmpty()) {
                info.put("cniResult", CniInfo.of(results));
            }
        } catch (IOException unreadable) {
            throw new SandboxException.Failed(
                    "sandbox %s: its network's result: %s"
                            .formatted(sandbox.id(), unreadable.getMessage()),
                    unreadable);
        }
    }
}
