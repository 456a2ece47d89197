package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.sandbox.PodSandbox;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which kernel namespaces a process has. One that is not listed is the host's; one with a path is
 * joined; one without is new (runtime-spec, config-linux.md, Namespaces).
 */
final class Namespaces {
    private Namespaces() {}

    static NamespaceOption options(PodSandbox sandbox) {
        return sandbox.config().getLinux().getSecurityContext().getNamespaceOptions();
    }

    static boolean onHostIpc(PodSandbox sandbox) {
        return options(sandbox).getIpc() == NamespaceMode.NODE;
    }

    /** Those of the pause process, which the pod's containers join later. */
    static ArrayNode ofPause(PodSandbox sandbox, Optional<Path> netns) {
        var namespaces = OciJson.array();
        add(namespaces, "mount");
        if (!sandbox.onHostNetwork()) {
            join(
                    namespaces,
                    "network",
                    netns.orElseThrow(
                                    () ->
                                            new IllegalStateException(
                                                    ("sandbox %s: has a network of its own but no"
                                                                    + " network namespace")
                                                            .formatted(sandbox.id())))
                            .toString());
            add(namespaces, "uts");
        }
        if (!onHostIpc(sandbox)) {
            add(namespaces, "ipc");
        }
        if (options(sandbox).getPid() != NamespaceMode.NODE) {
            add(namespaces, "pid");
        }
        return namespaces;
    }

    /**
     * Those of a container. Network, name and ipc are the pod's whatever the container asks.
     *
     * @throws SandboxException.InvalidRequest if it asks for one of the host's that the pod has not
     */
    static ArrayNode ofContainer(ContainerConfig config, PodSandbox sandbox, ContainerHost host) {
        var asked = config.getLinux().getSecurityContext().getNamespaceOptions();
        var pod = options(sandbox);
        refuseHostBesidePod("network", asked.getNetwork(), pod.getNetwork());
        refuseHostBesidePod("ipc", asked.getIpc(), pod.getIpc());
        var namespaces = OciJson.array();
        add(namespaces, "mount");
        if (!sandbox.onHostNetwork()) {
            join(namespaces, "network", ofProcess(host.podPid(), "net"));
            join(namespaces, "uts", ofProcess(host.podPid(), "uts"));
        }
        if (!onHostIpc(sandbox)) {
            join(namespaces, "ipc", ofProcess(host.podPid(), "ipc"));
        }
        switch (asked.getPid()) {
            case POD -> {
                if (pod.getPid() != NamespaceMode.NODE) {
                    join(namespaces, "pid", ofProcess(host.podPid(), "pid"));
                }
            }
            case CONTAINER -> add(namespaces, "pid");
            case NODE -> {}
            case TARGET, UNRECOGNIZED ->
                    throw new SandboxException.InvalidRequest(
                            ("config.linux.security_context.namespace_options.pid: found %s,"
                                            + " wanted POD, CONTAINER or NODE")
                                    .formatted(asked.getPid()));
        }
        if (host.limits().cgroupV2()) {
            add(namespaces, "cgroup");
        }
        return namespaces;
    }

    private static void refuseHostBesidePod(
            String field, NamespaceMode container, NamespaceMode pod) {
        if (container == NamespaceMode.NODE && pod != NamespaceMode.NODE) {
            throw new SandboxException.InvalidRequest(
                    ("config.linux.security_context.namespace_options.%s: found NODE in a pod with"
                                    + " %s, wanted the pod's own")
                            .formatted(field, pod));
        }
    }

    private static String ofProcess(int pid, String name) {
        return "/proc/" + pid + "/ns/" + name;
    }

    private static void add(ArrayNode namespaces, String type) {
        namespaces.addObject().put("type", type);
    }

    private static void join(ArrayNode namespaces, String type, String path) {
        namespaces.addObject().put("type", type).put("path", path);
    }
}
