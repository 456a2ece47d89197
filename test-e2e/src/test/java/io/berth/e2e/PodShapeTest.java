package io.berth.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.DNSConfig;
import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxState;
import io.berth.cri.v1.PortMapping;
import io.berth.e2e.image.LocalRegistry;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pod and its containers look like from inside, for each thing that can be asked for. */
class PodShapeTest extends NodeTest {
    @Test
    void hostNetworkPodHasTheHostsLinks() throws IOException {
        var network = NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE).build();
        var pod = kubelet.pod(network).build();
        var sandbox = kubelet.run(pod);
        var status = kubelet.podStatus(sandbox);
        assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(status.getLinux().getNamespaces().getOptions().getNetwork())
                .isEqualTo(NamespaceMode.NODE);
        var config = kubelet.shell("c", "ls /sys/class/net; hostname");
        config.setLinux(containerNamespaces(network));
        var output = output(sandbox, pod, config);
        assertThat(output).contains(InetAddress.getLocalHost().getHostName());
        for (var link : NetworkInterface.networkInterfaces().toList()) {
            if (!link.isVirtual() && !link.getName().startsWith("veth")) {
                assertThat(output).contains(link.getName());
            }
        }
    }

    @Test
    void hostPortLeadsToThePod() throws IOException {
        int port = LocalRegistry.freePort();
        var pod =
                kubelet.pod()
                        .addPortMappings(
                                PortMapping.newBuilder().setContainerPort(80).setHostPort(port))
                        .build();
        var sandbox = kubelet.run(pod);
        var web = kubelet.shell("web", "httpd -p 80 -h /www; echo up; sleep 1000").build();
        kubelet.launch(sandbox, pod, web);
        kubelet.awaitLine(Kubelet.log(pod, web), "up");
        var bridge = NetworkInterface.getByName(node.folders().bridge());
        var address =
                bridge.inetAddresses()
                        .filter(Inet4Address.class::isInstance)
                        .findFirst()
                        .orElseThrow();
        Waiting.until("an answer on the host's port", Kubelet.SOON, () -> asks(address, port));
    }

    private boolean asks(InetAddress address, int port) {
        try (var socket = new Socket(address, port)) {
            socket.getOutputStream().write("GET /index.html HTTP/1.0\r\n\r\n".getBytes(UTF_8));
            var answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            return answer.contains("hello from " + node.folders().mark());
        } catch (IOException notYet) {
            return false;
        }
    }

    @Test
    void hostnameAndResolverAreThePods() throws IOException {
        var pod =
                kubelet.pod()
                        .setHostname("a-pod")
                        .setDnsConfig(
                                DNSConfig.newBuilder()
                                        .addServers("10.9.8.7")
                                        .addSearches("svc.example")
                                        .addOptions("ndots:5"))
                        .build();
        var sandbox = kubelet.run(pod);
        var script = "hostname; echo $HOSTNAME; cat /etc/hostname /etc/resolv.conf";
        var output = output(sandbox, pod, kubelet.shell("c", script));
        assertThat(output)
                .startsWith("a-pod", "a-pod", "a-pod")
                .contains("nameserver 10.9.8.7", "search svc.example", "options ndots:5");
    }

    @Test
    void userGroupsEnvironmentAndFolderAreTheContainers() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var security =
                LinuxContainerSecurityContext.newBuilder()
                        .setRunAsUser(Int64Value.newBuilder().setValue(1000))
                        .setRunAsGroup(Int64Value.newBuilder().setValue(1000))
                        .addSupplementalGroups(3000);
        var config =
                kubelet.shell("c", "id -u; id -g; id -G; echo $A $IMAGE_ENV; pwd")
                        .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(security))
                        .setWorkingDir("/home")
                        .addEnvs(
                                KeyValue.newBuilder()
                                        .setKey("A")
                                        .setValue(ByteString.copyFromUtf8("b c")));
        var id = kubelet.launch(sandbox, pod, config.build());
        var status = kubelet.exited(id);
        var output = LogLine.texts(Kubelet.log(pod, config), "stdout");
        assertThat(output.subList(0, 2)).containsExactly("1000", "1000");
        assertThat(output.get(2).split(" ", -1)).contains("1000", "2000", "3000");
        assertThat(output.subList(3, 5)).containsExactly("b c from-image", "/home");
        assertThat(status.getUser().getLinux().getUid()).isEqualTo(1000);
    }

    @Test
    void readOnlyRootStaysAsItIsAndMountsAreAsAsked() throws IOException {
        var shared = Files.createDirectories(node.folders().top().resolve("shared"));
        Files.writeString(shared.resolve("from-host"), "seen\n");
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var security = LinuxContainerSecurityContext.newBuilder().setReadonlyRootfs(true);
        var script =
                "touch /x 2>/dev/null || echo closed; cat /ro/from-host;"
                        + " touch /ro/y 2>/dev/null || echo kept; touch /rw/from-container";
        var config =
                kubelet.shell("c", script)
                        .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(security))
                        .addMounts(mount(shared, "/ro").setReadonly(true))
                        .addMounts(mount(shared, "/rw"));
        assertThat(output(sandbox, pod, config)).containsExactly("closed", "seen", "kept");
        assertThat(shared.resolve("from-container")).exists();
    }

    @Test
    void kubeletsCgroupHoldsPodAndLimits() throws IOException {
        var parent = node.folders().cgroupParent() + "/kubelet-pod";
        var pod =
                kubelet.pod()
                        .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(parent))
                        .build();
        for (Path hierarchy : hierarchies()) {
            Files.createDirectories(Path.of(hierarchy + parent));
        }
        var sandbox = kubelet.run(pod);
        var resources =
                LinuxContainerResources.newBuilder()
                        .setMemoryLimitInBytes(64 << 20)
                        .setCpuShares(512)
                        .setCpuPeriod(100_000)
                        .setCpuQuota(50_000);
        var config =
                kubelet.shell("c", "echo up; sleep 1000")
                        .setLinux(LinuxContainerConfig.newBuilder().setResources(resources));
        var id = kubelet.launch(sandbox, pod, config.build());
        var leaf = Path.of("/sys/fs/cgroup/memory" + parent, id);
        if (Files.isDirectory(Path.of("/sys/fs/cgroup/memory"))) {
            assertThat(leaf.resolve("memory.limit_in_bytes")).hasContent(64 * 1024 * 1024 + "\n");
            assertThat(Path.of("/sys/fs/cgroup/cpu" + parent, id, "cpu.cfs_quota_us"))
                    .hasContent("50000\n");
        }
        assertThat(kubelet.status(id).getResources().getLinux().getMemoryLimitInBytes())
                .isEqualTo(64 << 20);
        kubelet.end(sandbox);
        // The kubelet's own cgroup is the kubelet's to remove.
        assertThat(leaf.getParent()).isDirectory();
        for (Path hierarchy : hierarchies()) {
            Files.deleteIfExists(Path.of(hierarchy + parent));
        }
    }

    private static List<Path> hierarchies() throws IOException {
        try (var folders = Files.list(Path.of("/sys/fs/cgroup"))) {
            return folders.filter(at -> Files.exists(at.resolve("cgroup.procs")))
                    .filter(at -> !Files.isSymbolicLink(at))
                    .toList();
        }
    }

    @Test
    void sharedPidNamespaceShowsTheOtherContainer() throws IOException {
        var shared = NamespaceOption.newBuilder().setPid(NamespaceMode.POD).build();
        var own = NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER).build();
        var pod = kubelet.pod().setLinux(sandboxNamespaces(shared)).build();
        var sandbox = kubelet.run(pod);
        var other = kubelet.shell("other", "echo up; exec sleep 4321");
        other.setLinux(containerNamespaces(shared));
        kubelet.launch(sandbox, pod, other.build());
        kubelet.awaitLine(Kubelet.log(pod, other), "up");
        var inside = kubelet.shell("in", "until ps | grep -q 'sleep [4]321'; do usleep 9999; done");
        inside.setLinux(containerNamespaces(shared));
        var id = kubelet.launch(sandbox, pod, inside.build());
        assertThat(kubelet.exited(id).getExitCode()).isZero();
        var outside = kubelet.shell("out", "ps | grep -c 'sleep [4]321'; echo pid $$");
        outside.setLinux(containerNamespaces(own));
        assertThat(output(sandbox, pod, outside)).containsExactly("0", "pid 1");
    }

    @Test
    void aMountWhoseSourceIsMissingGetsAFolder() throws IOException {
        var source = node.folders().top().resolve("made/for/the/mount");
        var pod = kubelet.pod().build();
        var config = kubelet.shell("c", "touch /m/seen").addMounts(mount(source, "/m"));
        assertThat(output(kubelet.run(pod), pod, config)).isEmpty();
        assertThat(source.resolve("seen")).exists();
    }

    /** crun 1.8 refuses a host with both cgroup versions; its words have to reach the caller. */
    @Test
    void crunByItselfRunsAPodOrSaysWhyNot() throws IOException {
        if (Files.isDirectory(Path.of("/sys/fs/cgroup/unified"))) {
            var pod = kubelet.pod().build();
            assertThat(failure(() -> kubelet.run(pod, "bare-crun")).getDescription())
                    .contains("cgroups in hybrid mode not supported");
        } else {
            everyRuntimeRunsAPod("bare-crun");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"runc", "v3", "crun"})
    void everyRuntimeRunsAPod(String handler) throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod, handler);
        assertThat(kubelet.podStatus(sandbox).getRuntimeHandler()).isEqualTo(handler);
        var config =
                kubelet.shell(
                        "c",
                        "trap 'echo bye; exit 4' TERM; echo up; while :; do usleep 50000; done");
        var id = kubelet.launch(sandbox, pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        assertThat(kubelet.exec(id, "echo", "hi").getStdout().toStringUtf8()).isEqualTo("hi\n");
        kubelet.stop(id, 30);
        assertThat(kubelet.status(id).getExitCode()).isEqualTo(4);
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout")).containsExactly("up", "bye");
    }

    private List<String> output(
            String sandbox, PodSandboxConfig pod, ContainerConfig.Builder config)
            throws IOException {
        kubelet.exited(kubelet.launch(sandbox, pod, config.build()));
        return LogLine.texts(Kubelet.log(pod, config), "stdout");
    }

    private static Mount.Builder mount(Path host, String container) {
        return Mount.newBuilder().setHostPath(host.toString()).setContainerPath(container);
    }

    private static LinuxPodSandboxConfig sandboxNamespaces(NamespaceOption namespaces) {
        return LinuxPodSandboxConfig.newBuilder()
                .setSecurityContext(
                        LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(namespaces))
                .build();
    }

    private static LinuxContainerConfig containerNamespaces(NamespaceOption namespaces) {
        return LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                        LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(namespaces))
                .build();
    }
}
