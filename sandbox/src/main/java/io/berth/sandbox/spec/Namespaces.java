package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.sandbox.PodSandbox;

/**
 * Which kernel namespaces a process has. One that is not listed is the host's; one with a path is
 * joined; one without is new (runtime-spec, config-linux.md, Namespaces).
 */
final class Namespaces {
    private Namespaces() {}

    static NamespaceOption options(PodSandbox sandbox) {
        return sandbox.brief().getLinux().getSecurityContext().getNamespaceOptions();
    }

    static boolean onHostIpc(PodSandbox sandbox) {
        return options(sandbox).getIpc() == NamespaceMode.NODE;
    }

    /** Those of the pause process, which the pod's containers join later. */
    static ArrayNode ofPause(PodSandbox sandbox, PodHost host) {
        var namespaces = OciJson.array();
        host.userns().ifPresent(pin -> join(namespaces, "user", pin.toString()));
        add(namespaces, "mount");
        if (!sandbox.onHostNetwork()) {
            join(
                    namespaces,
                    "network",
                    host.netns()
                            .orElseThrow(
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
        switch (options(sandbox).getPid()) {
            case POD, CONTAINER -> add(namespaces, "pid");
            case NODE -> {}
            case TARGET, UNRECOGNIZED -> throw unknownPid(options(sandbox).getPid(), "");
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
        UserNamespaces.checkSame(config, sandbox.brief());
        var joined = host.joined();
        var namespaces = OciJson.array();
        joined.userns().ifPresent(pin -> join(namespaces, "user", pin.toString()));
        add(namespaces, "mount");
        if (!sandbox.onHostNetwork()) {
            join(namespaces, "network", ofProcess(joined.podPid(), "net"));
            join(namespaces, "uts", ofProcess(joined.podPid(), "uts"));
        }
        if (!onHostIpc(sandbox)) {
            join(namespaces, "ipc", ofProcess(joined.podPid(), "ipc"));
        }
        switch (asked.getPid()) {
            case POD -> {
                if (pod.getPid() != NamespaceMode.NODE) {
                    join(namespaces, "pid", ofProcess(joined.podPid(), "pid"));
                }
            }
            case CONTAINER -> add(namespaces, "pid");
            case NODE -> {}
            case TARGET ->
                    join(namespaces, "pid", ofProcess(joined.targetPid().orElseThrow(), "pid"));
            case UNRECOGNIZED -> throw unknownPid(asked.getPid(), " or TARGET");
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

    private static SandboxException.InvalidRequest unknownPid(NamespaceMode found, String more) {
        return new SandboxException.InvalidRequest(
                ("config.linux.security_context.namespace_options.pid: found %s, wanted POD,"
                                + " CONTAINER, NODE%s")
                        .formatted(found, more));
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
