package io.berth.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.MountPropagation;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PortMapping;
import io.berth.cri.v1.SecurityProfile;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the public conformance suite asserts and no other test does; conformance.tsv names all. */
class ConformanceTest extends NodeTest {
    private static final String FOREVER = "echo up; exec sleep 1000";

    @Test
    void sysctlsAreThePods() throws IOException {
        var wanted = Map.of("kernel.shm_rmid_forced", "1", "fs.mqueue.msg_max", "100");
        var pod =
                kubelet.pod()
                        .setLinux(LinuxPodSandboxConfig.newBuilder().putAllSysctls(wanted))
                        .build();
        var script = "cat /proc/sys/kernel/shm_rmid_forced /proc/sys/fs/mqueue/msg_max";
        var output = output(kubelet.run(pod), pod, kubelet.shell("c", script));
        assertThat(output).containsExactly("1", "100");
    }

    @Test
    void createdRunningAndStoppedContainersAreRemoved() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var created = kubelet.create(sandbox, pod, kubelet.shell("created", FOREVER).build());
        assertThat(kubelet.status(created).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        var running = kubelet.launch(sandbox, pod, kubelet.shell("running", FOREVER).build());
        assertThat(kubelet.status(running).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        var stopped = kubelet.launch(sandbox, pod, kubelet.shell("stopped", FOREVER).build());
        kubelet.stop(stopped, 0);
        kubelet.stop(stopped, 30);
        assertThat(kubelet.status(stopped).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        for (String id : List.of(created, running, stopped)) {
            kubelet.remove(id);
            fails(Status.Code.NOT_FOUND, () -> kubelet.status(id));
            kubelet.remove(id);
            kubelet.stop(id, 0);
        }
    }

    @Test
    void execReachesEachContainerOfAPod() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var one = kubelet.launch(sandbox, pod, kubelet.shell("one", FOREVER).build());
        var two = kubelet.launch(sandbox, pod, kubelet.shell("two", FOREVER).build());
        for (String id : List.of(one, two)) {
            kubelet.exec(id, "sh", "-c", "echo " + id + " > /tmp/who");
        }
        for (String id : List.of(one, two)) {
            assertThat(kubelet.exec(id, "cat", "/tmp/who").getStdout().toStringUtf8())
                    .isEqualTo(id + "\n");
        }
    }

    @Test
    void aContainersPortIsReachedAtThePodsAddress() throws IOException {
        var pod =
                kubelet.pod()
                        .addPortMappings(PortMapping.newBuilder().setContainerPort(80))
                        .build();
        var sandbox = kubelet.run(pod);
        var web = kubelet.shell("web", "httpd -p 80 -h /www; echo up; sleep 1000").build();
        kubelet.launch(sandbox, pod, web);
        kubelet.awaitLine(Kubelet.log(pod, web), "up");
        var address = kubelet.podStatus(sandbox).getNetwork().getIp();
        Waiting.until("an answer at the pod's address", Kubelet.SOON, () -> answers(address));
    }

    private boolean answers(String address) {
        try (var socket = new Socket(address, 80)) {
            socket.getOutputStream().write("GET /index.html HTTP/1.0\r\n\r\n".getBytes(UTF_8));
            var answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            return answer.contains("hello from " + node.folders().mark());
        } catch (IOException notYet) {
            return false;
        }
    }

    @Test
    void namespacesAreTheHostsWhereAskedAndElseThePods() throws IOException {
        var host =
                NamespaceOption.newBuilder()
                        .setPid(NamespaceMode.NODE)
                        .setIpc(NamespaceMode.NODE)
                        .setNetwork(NamespaceMode.NODE)
                        .build();
        var own = NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER).build();
        var hosts = namespaces(host);
        var pods = namespaces(own);
        for (int i = 0; i < hosts.size(); i++) {
            var kind = List.of("ipc", "pid", "net").get(i);
            var mine = Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString();
            assertThat(hosts.get(i)).isEqualTo(mine);
            assertThat(pods.get(i)).startsWith(kind).isNotEqualTo(mine);
        }
    }

    private List<String> namespaces(NamespaceOption asked) throws IOException {
        var pod = kubelet.pod(asked).build();
        var script = "for ns in ipc pid net; do readlink /proc/self/ns/$ns; done";
        var security = LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(asked);
        return output(kubelet.run(pod), pod, as(kubelet.shell("c", script), security));
    }

    @Test
    void aUserIsANumberOrANameOfTheImage() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var byName = LinuxContainerSecurityContext.newBuilder().setRunAsUsername("web");
        assertThat(output(sandbox, pod, as(kubelet.shell("name", "id -u; id -g"), byName)))
                .containsExactly("1000", "1000");
        var byNumber = LinuxContainerSecurityContext.newBuilder().setRunAsUser(number(1001));
        assertThat(output(sandbox, pod, as(kubelet.shell("number", "id -u"), byNumber)))
                .containsExactly("1001");
        var withGroup = byNumber.clone().setRunAsGroup(number(1002)).addSupplementalGroups(1234);
        assertThat(output(sandbox, pod, as(kubelet.shell("group", "id -g; id -G"), withGroup)))
                .containsExactly("1002", "1002 1234");
        var groupAlone = LinuxContainerSecurityContext.newBuilder().setRunAsGroup(number(1002));
        var config = as(kubelet.shell("alone", "true"), groupAlone).build();
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> kubelet.create(sandbox, pod, config),
                "run_as_group");
    }

    @Test
    void aRootThatIsNotReadOnlyIsWritten() throws IOException {
        var pod = kubelet.pod().build();
        var security = LinuxContainerSecurityContext.newBuilder().setReadonlyRootfs(false);
        var config = as(kubelet.shell("c", "echo kept > /a-file; cat /a-file"), security);
        assertThat(output(kubelet.run(pod), pod, config)).containsExactly("kept");
    }

    @Test
    void privilegesAreGainedWhereNobodyForbidsIt() throws IOException {
        var pod = kubelet.pod().build();
        var security = LinuxContainerSecurityContext.newBuilder().setNoNewPrivs(false);
        var config = as(kubelet.shell("c", "grep ^NoNewPrivs /proc/self/status"), security);
        assertThat(output(kubelet.run(pod), pod, config)).containsExactly("NoNewPrivs:\t0");
    }

    @Test
    void aPrivilegedContainerIsNotFilteredWhateverItsProfileSays() throws IOException {
        var profile =
                Files.writeString(
                        node.folders().top().resolve("deny.json"),
                        """
                        {"defaultAction":"SCMP_ACT_ALLOW","syscalls":[
                          {"names":["chmod","fchmodat","fchmodat2"],"action":"SCMP_ACT_ERRNO"}]}
                        """);
        var pod =
                kubelet.pod()
                        .setLinux(
                                LinuxPodSandboxConfig.newBuilder()
                                        .setSecurityContext(
                                                LinuxSandboxSecurityContext.newBuilder()
                                                        .setPrivileged(true)))
                        .build();
        var security =
                LinuxContainerSecurityContext.newBuilder()
                        .setPrivileged(true)
                        .setSeccomp(
                                SecurityProfile.newBuilder()
                                        .setProfileType(SecurityProfile.ProfileType.Localhost)
                                        .setLocalhostRef(profile.toString()));
        var config = as(kubelet.shell("c", "grep ^Seccomp: /proc/self/status"), security);
        assertThat(output(kubelet.run(pod), pod, config)).containsExactly("Seccomp:\t0");
    }

    @Test
    void aRecursiveReadOnlyMountMustBeReadOnlyAndPrivate() throws IOException {
        var folder = Files.createDirectories(node.folders().top().resolve("volume"));
        var mount =
                Mount.newBuilder()
                        .setHostPath(folder.toString())
                        .setContainerPath("/v")
                        .setRecursiveReadOnly(true);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        for (var refused :
                List.of(
                        mount.clone(),
                        mount.clone()
                                .setReadonly(true)
                                .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER),
                        mount.clone()
                                .setReadonly(true)
                                .setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL))) {
            var config = kubelet.shell("c", "true").addMounts(refused).build();
            fails(
                    Status.Code.INVALID_ARGUMENT,
                    () -> kubelet.create(sandbox, pod, config),
                    "recursive_read_only");
        }
    }

    private static Int64Value number(long value) {
        return Int64Value.newBuilder().setValue(value).build();
    }

    private static ContainerConfig.Builder as(
            ContainerConfig.Builder config, LinuxContainerSecurityContext.Builder security) {
        return config.setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(security));
    }

    private List<String> output(
            String sandbox, PodSandboxConfig pod, ContainerConfig.Builder config)
            throws IOException {
        var status = kubelet.exited(kubelet.launch(sandbox, pod, config.build()));
        assertThat(status.getExitCode()).as("%s", status).isZero();
        return LogLine.texts(Kubelet.log(pod, config), "stdout");
    }
}
