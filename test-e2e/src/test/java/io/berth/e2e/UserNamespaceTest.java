package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.Capability;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerMetadata;
import io.berth.cri.v1.IDMapping;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.RuntimeHandler;
import io.berth.cri.v1.StatusRequest;
import io.berth.cri.v1.UserNamespace;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Pods with a user namespace of their own. The machine's runc may be too old for them; then the pod
 * is refused. The handler {@code newer} has a runc that is not.
 */
class UserNamespaceTest extends NodeTest {
    private static final int HOST = 100_000;
    private static final int LENGTH = 65_536;

    private static UserNamespace.Builder own() {
        var map = IDMapping.newBuilder().setHostId(HOST).setLength(LENGTH).build();
        return UserNamespace.newBuilder().setMode(NamespaceMode.POD).addUids(map).addGids(map);
    }

    private PodSandboxConfig pod(NamespaceOption.Builder namespaces) throws IOException {
        return kubelet.pod(namespaces.build()).build();
    }

    private static NamespaceOption.Builder with(UserNamespace.Builder userns) {
        return NamespaceOption.newBuilder()
                .setPid(NamespaceMode.CONTAINER)
                .setUsernsOptions(userns);
    }

    @Test
    void optionsThatContradictThemselvesAreRefused() throws IOException {
        var map = IDMapping.newBuilder().setHostId(HOST).setLength(10).build();
        refused(with(own().addUids(map)), "uids: found 2 ranges, wanted exactly one");
        refused(with(own().clearGids()), "gids: found 0 ranges");
        var high = IDMapping.newBuilder().setContainerId(1).setHostId(HOST).setLength(10).build();
        refused(with(own().clearUids().addUids(high)), "wanted the container's 0 to be the first");
        refused(with(own().setMode(NamespaceMode.CONTAINER)), "found CONTAINER");
        refused(with(own().setMode(NamespaceMode.TARGET)), "found TARGET");
        refused(with(own().setMode(NamespaceMode.NODE)), "found NODE with 1 uids");
        refused(with(own()).setPid(NamespaceMode.NODE), "beside the host's pid namespace");
        refused(with(own()).setIpc(NamespaceMode.NODE), "beside the host's ipc namespace");
    }

    private void refused(NamespaceOption.Builder namespaces, String reason) throws IOException {
        var pod = pod(namespaces);
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> kubelet.run(pod),
                "linux.security_context.namespace_options.userns_options.",
                reason);
    }

    @Test
    void theHostsUsersAreTheContainersWhereNothingElseIsAsked() throws IOException {
        var namespaces = with(UserNamespace.newBuilder().setMode(NamespaceMode.NODE));
        var pod = pod(namespaces);
        var output = output(pod, kubelet.run(pod), namespaces, "cat /proc/self/uid_map");
        assertThat(output.toString())
                .isEqualTo(Files.readAllLines(Path.of("/proc/self/uid_map")).toString());
    }

    /** What each handler announces is what it does. */
    @Test
    void aPodHasItsOwnUsersOrIsRefusedByName() throws IOException {
        int tried = 0;
        Waiting.until("what the newer runc can do", Kubelet.SOON, this::someCan);
        var status = node.client().runtime().status(StatusRequest.getDefaultInstance());
        for (RuntimeHandler handler : status.getRuntimeHandlersList()) {
            if (!List.of("runc", "v3", "newer").contains(handler.getName())) {
                continue;
            }
            tried++;
            if (handler.getFeatures().getUserNamespaces()) {
                ownUsers(handler.getName());
                onTheHostsNetwork(handler.getName());
            } else {
                var pod = pod(with(own()));
                fails(
                        Status.Code.INVALID_ARGUMENT,
                        () -> kubelet.run(pod, handler.getName()),
                        "userns_options.mode: found POD, wanted NODE or none",
                        "lists no id-mapped mounts");
            }
            assertThat(handler.getFeatures().getUserNamespaces())
                    .isIn(false, status.getFeatures().getUserNamespacesHostNetwork());
        }
        assertThat(tried)
                .as("handlers; deploy/prerequisites test unpacks a newer runc")
                .isEqualTo(3);
        assertThat(
                        node.client()
                                .runtime()
                                .status(StatusRequest.newBuilder().setVerbose(true).build())
                                .getInfoOrDefault("features", ""))
                .contains(
                        "\"newer\":{\"recursiveReadOnlyMounts\":\"yes\",\"userNamespaces\":\"yes\"}");
    }

    private boolean someCan() {
        return node.client()
                .runtime()
                .status(StatusRequest.getDefaultInstance())
                .getFeatures()
                .getUserNamespacesHostNetwork();
    }

    private void ownUsers(String handler) throws IOException {
        var pod = pod(with(own()));
        var sandbox = kubelet.run(pod, handler);
        assertThat(kubelet.podStatus(sandbox).getNetwork().getIp()).isNotEmpty();
        var volume = Files.createDirectories(node.folders().top().resolve("owned"));
        Files.writeString(volume.resolve("file"), "");
        var config = container(with(own()), "echo up; sleep 1000");
        var map = own().getUids(0);
        config.addMounts(
                Mount.newBuilder()
                        .setHostPath(volume.toString())
                        .setContainerPath("/volume")
                        .addUidMappings(map)
                        .addGidMappings(map));
        config.addMounts(
                Mount.newBuilder()
                        .setContainerPath("/image")
                        .setReadonly(true)
                        .setImage(ImageSpec.newBuilder().setImage(node.reference())));
        var id = kubelet.launch(sandbox, pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        assertThat(say(id, "cat /proc/self/uid_map").strip().split(" +", -1))
                .containsExactly("0", "" + HOST, "" + LENGTH);
        for (var owned :
                List.of("/bin/busybox", "/etc/hosts", "/etc/resolv.conf", "/image/bin/busybox")) {
            assertThat(say(id, "stat -c %u:%g " + owned)).as(owned).isEqualTo("0:0\n");
        }
        // What it writes is its own outside of its root, and the host's root's in a mapped volume.
        assertThat(say(id, "touch /new /dev/shm/new /volume/new && stat -c %u /new /volume/file"))
                .isEqualTo("0\n0\n");
        assertThat(Files.getAttribute(volume.resolve("new"), "unix:uid")).isEqualTo(0);
        assertThat(say(id, "mkdir /etc/made && rm /www/index.html && ls /www | wc -l"))
                .isEqualTo("0\n");
        // The network namespace is the pod's own to change, since its user namespace owns it.
        assertThat(say(id, "ip addr add 192.0.2.7/32 dev lo && ip addr show dev lo"))
                .contains("192.0.2.7");
        theStreamsAreTheProcesssOwn(sandbox, pod);
    }

    /** As programs do that log to /dev/stdout. */
    private void theStreamsAreTheProcesssOwn(String sandbox, PodSandboxConfig pod)
            throws IOException {
        var config =
                container(with(own()), "echo out > /dev/stdout && echo err > /proc/self/fd/2")
                        .setMetadata(ContainerMetadata.newBuilder().setName("user"))
                        .setLogPath("user.log");
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setRunAsUser(Int64Value.newBuilder().setValue(1234));
        assertThat(kubelet.exited(kubelet.launch(sandbox, pod, config.build())).getExitCode())
                .isZero();
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout")).containsExactly("out");
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stderr")).containsExactly("err");
    }

    private void onTheHostsNetwork(String handler) throws IOException {
        var namespaces = with(own()).setNetwork(NamespaceMode.NODE);
        var pod = pod(namespaces);
        var output =
                output(
                        pod,
                        kubelet.run(pod, handler),
                        namespaces,
                        "cat /proc/self/gid_map; ls /sys/class/net");
        assertThat(output.getFirst().strip()).startsWith("0 ").contains("" + HOST);
        assertThat(output).contains("lo");
    }

    private String say(String id, String script) {
        var answer = kubelet.exec(id, "sh", "-c", script);
        assertThat(Map.of(answer.getExitCode(), answer.getStderr().toStringUtf8()))
                .as(script)
                .isEqualTo(Map.of(0, ""));
        return answer.getStdout().toStringUtf8();
    }

    private ContainerConfig.Builder container(NamespaceOption.Builder namespaces, String script) {
        var capabilities = Capability.newBuilder().addAddCapabilities("NET_ADMIN");
        var security =
                LinuxContainerSecurityContext.newBuilder()
                        .setNamespaceOptions(namespaces)
                        .setCapabilities(capabilities);
        return kubelet.shell("c", script)
                .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(security));
    }

    private List<String> output(
            PodSandboxConfig pod, String sandbox, NamespaceOption.Builder namespaces, String script)
            throws IOException {
        var config = container(namespaces, script);
        var status = kubelet.exited(kubelet.launch(sandbox, pod, config.build()));
        assertThat(status.getExitCode()).isZero();
        return LogLine.texts(Kubelet.log(pod, config), "stdout");
    }
}
