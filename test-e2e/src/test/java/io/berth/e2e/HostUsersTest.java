package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.IDMapping;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PullImageRequest;
import io.berth.cri.v1.UserNamespace;
import io.berth.e2e.host.HostUser;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Users of the host without rights reach nothing of a pod, whose files may be setuid programs of
 * another root: neither through the daemon's folders nor through what is mounted in them.
 */
class HostUsersTest extends NodeTest {
    private static final int HOST = 200_000;

    /** Folders that hold one folder a pod or container: they may be passed through, not read. */
    private static final Set<String> SHARED =
            Set.of("", "/bundles", "/shm", "/volumes", "/io", "/sandboxes");

    @Test
    void nothingOfAPlainPodIsReached() throws IOException {
        nothingIsReached(NamespaceOption.getDefaultInstance(), "");
    }

    @Test
    void nothingOfAPodWithUsersOfItsOwnIsReached() throws IOException {
        var map = IDMapping.newBuilder().setHostId(HOST).setLength(65_536).build();
        var own = UserNamespace.newBuilder().setMode(NamespaceMode.POD);
        var namespaces =
                NamespaceOption.newBuilder()
                        .setPid(NamespaceMode.CONTAINER)
                        .setUsernsOptions(own.addUids(map).addGids(map));
        nothingIsReached(namespaces.build(), "newer");
    }

    private void nothingIsReached(NamespaceOption namespaces, String handler) throws IOException {
        var declaring =
                TestImage.declaring(
                        "users-" + node.folders().mark() + handler, List.of("/www", "/data"));
        node.registry().push(declaring, "e2e/users" + handler, "1");
        node.client()
                .images()
                .pullImage(
                        PullImageRequest.newBuilder()
                                .setImage(
                                        image(
                                                node.registry()
                                                        .reference("e2e/users" + handler + ":1")))
                                .build());
        var pod = pod(namespaces);
        var sandbox = kubelet.run(pod, handler);
        var runs = container(namespaces, declaring, "runs");
        var id = kubelet.launch(sandbox, pod, runs);
        kubelet.awaitLine(Kubelet.log(pod, runs), "up");
        var waits = kubelet.create(sandbox, pod, container(namespaces, declaring, "waits"));
        var open = PosixFilePermissions.fromString("rwxr-xr-x");
        Files.setPosixFilePermissions(node.folders().root(), open);
        Files.setPosixFilePermissions(node.folders().state(), open);

        assertThat(reached(node.folders().state())).as("below state").isEmpty();
        assertThat(reached(node.folders().root())).as("below root").isEmpty();
        for (var folder : List.of("bundles/" + id, "volumes/" + id, "io/" + id, "shm/" + sandbox)) {
            var group = handler.isEmpty() ? 0 : HOST;
            assertThat(mode(node.folders().state().resolve(folder)))
                    .as(folder)
                    .isIn("700 0", "710 " + group);
        }

        // What is kept from others is not kept from the pod, and a restart changes nothing of it.
        assertThat(said(id, "cat /dev/shm/f /data/f /www/index.html /image/etc/group"))
                .startsWith("shm\ndata\nhello from ");
        assertThat(said(id, "grep ' /image ' /proc/self/mountinfo"))
                .contains("nosuid")
                .contains("nodev");
        kubelet.start(waits);
        var second = kubelet.launch(sandbox, pod, container(namespaces, declaring, "second"));
        assertThat(said(second, "cat /dev/shm/f")).isEqualTo("shm\n");
        endAllPods();
        new ImageCalls(node).remove(declaring.id());
    }

    /** As versions did that had no folder of its own for /dev/shm, and let everybody pass. */
    @Test
    void aNewDaemonClosesWhatAnOldOneLeftOpen() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var runs = kubelet.shell("runs", "echo shm > /dev/shm/f; echo up; exec sleep 1000");
        runs.addMounts(
                Mount.newBuilder()
                        .setContainerPath("/image")
                        .setReadonly(true)
                        .setImage(image(node.reference())));
        var id = kubelet.launch(sandbox, pod, runs.build());
        kubelet.awaitLine(Kubelet.log(pod, runs), "up");
        node.kill();
        var state = node.folders().state();
        var open = PosixFilePermissions.fromString("rwx--x--x");
        for (var folder :
                List.of("bundles/" + id, "bundles/" + sandbox, "volumes/" + id, "netns")) {
            Files.setPosixFilePermissions(state.resolve(folder), open);
        }
        var shm = state.resolve("shm/" + sandbox);
        mount("--bind", shm + "/shm", shm.toString());
        mount("-o", "remount,bind,ro,suid,dev", state.resolve("volumes/" + id + "/0").toString());
        assertThat(reached(state)).isNotEmpty();

        node.restart(Map.of());
        assertThat(reached(state)).isEmpty();
        assertThat(said(id, "cat /dev/shm/f")).isEqualTo("shm\n");
        var second =
                kubelet.launch(sandbox, pod, kubelet.shell("second", "exec sleep 1000").build());
        assertThat(said(second, "cat /dev/shm/f; echo new > /dev/shm/g")).isEqualTo("shm\n");
        assertThat(said(id, "cat /dev/shm/g")).isEqualTo("new\n");
        var mounts = Files.readString(Path.of("/proc/self/mountinfo"));
        assertThat(mounts.lines().filter(line -> line.contains(id + "/0 ")).toList())
                .singleElement()
                .asString()
                .contains("ro,nosuid,nodev");
        endAllPods();
        node.kill();
        node.restart(Map.of());
        assertThat(mode(state.resolve("shm"))).isEqualTo("711 0");
    }

    private static void mount(String... words) throws IOException {
        var command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(words));
        Command.need(Kubelet.SOON, command.toArray(String[]::new));
    }

    /** What the user may do that is not to be allowed. */
    private static List<String> reached(Path folder) throws IOException {
        var reached = new ArrayList<String>();
        for (var line : HostUser.rightsBelow(folder)) {
            var below = line.substring(line.indexOf(' ') + 1 + folder.toString().length());
            boolean passed = line.startsWith("dx ") && SHARED.contains(below);
            boolean opened = line.startsWith("drx ") && below.isEmpty();
            if (!passed && !opened) {
                reached.add(line);
            }
        }
        return reached;
    }

    private static String mode(Path folder) throws IOException {
        return "%o %s"
                .formatted(
                        (Integer) Files.getAttribute(folder, "unix:mode") & 07777,
                        Files.getAttribute(folder, "unix:gid"));
    }

    private PodSandboxConfig pod(NamespaceOption namespaces) throws IOException {
        var security = LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(namespaces);
        return kubelet.pod()
                .setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(security))
                .build();
    }

    private ContainerConfig container(NamespaceOption namespaces, TestImage image, String name) {
        var security = LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(namespaces);
        var script =
                "[ -e /dev/shm/f ] || echo shm > /dev/shm/f; echo data > /data/f; echo up; exec sleep 1000";
        return kubelet.shell(name, script)
                .setImage(image(image.id()))
                .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(security))
                .addMounts(
                        Mount.newBuilder()
                                .setContainerPath("/image")
                                .setReadonly(true)
                                .setImage(image(node.reference())))
                .build();
    }

    private static ImageSpec.Builder image(String reference) {
        return ImageSpec.newBuilder().setImage(reference);
    }

    private String said(String id, String script) {
        var answer = kubelet.exec(id, "sh", "-c", script);
        assertThat(answer.getStderr().toStringUtf8()).as(script).isEmpty();
        return answer.getStdout().toStringUtf8();
    }
}
