package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.Capability;
import io.berth.cri.v1.IDMapping;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.MountPropagation;
import io.berth.cri.v1.StatusRequest;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a container sees of the host paths that it mounts, and the host of the container's. */
class MountShapeTest extends NodeTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Deque<Path> mounted = new ArrayDeque<>();

    @AfterEach
    void unmount() throws IOException {
        endAllPods();
        while (!mounted.isEmpty()) {
            Command.need(LIMIT, "umount", "-l", mounted.pop().toString());
        }
    }

    private void mount(Path at, String... command) throws IOException {
        Files.createDirectories(at);
        Command.need(LIMIT, command);
        mounted.push(at);
    }

    /** A folder that is a mount of its own, shared or private. */
    private Path mountPoint(String name, boolean shared) throws IOException {
        var folder = node.folders().top().resolve(name);
        mount(folder, "mount", "--bind", Files.createDirectories(folder).toString(), folder + "");
        var how = shared ? "--make-rshared" : "--make-rprivate";
        Command.need(LIMIT, "mount", how, folder.toString());
        return folder;
    }

    @ParameterizedTest
    @EnumSource(
            value = MountPropagation.class,
            names = "UNRECOGNIZED",
            mode = EnumSource.Mode.EXCLUDE)
    void mountsMadeLaterArriveAsAsked(MountPropagation how) throws IOException {
        var shared = mountPoint("volume", how != MountPropagation.PROPAGATION_PRIVATE);
        Files.createDirectories(shared.resolve("in"));
        Files.createDirectories(shared.resolve("out"));
        var source = node.folders().top().resolve("flag");
        Files.createDirectories(source);
        Files.writeString(source.resolve("seen"), "");
        var pod = kubelet.pod().build();
        var config =
                kubelet.shell("c", "echo up; sleep 1000")
                        .setLinux(withCapability("SYS_ADMIN"))
                        .addMounts(volume(shared, "/v").setPropagation(how));
        var id = kubelet.launch(kubelet.run(pod), pod, config.build());
        assertThat(kubelet.status(id).getMounts(0).getPropagation()).isEqualTo(how);
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        mount(shared.resolve("in"), "mount", "--bind", source + "", shared.resolve("in") + "");
        boolean arrives = how != MountPropagation.PROPAGATION_PRIVATE;
        assertThat(kubelet.exec(id, "ls", "/v/in").getStdout().toStringUtf8())
                .isEqualTo(arrives ? "seen\n" : "");
        var inside = kubelet.exec(id, "sh", "-c", "mount -o bind /www /v/out && ls /v/out");
        assertThat(inside.getStdout().toStringUtf8())
                .as("%s", inside.getStderr().toStringUtf8())
                .isEqualTo("index.html\n");
        boolean leaves = how == MountPropagation.PROPAGATION_BIDIRECTIONAL;
        assertThat(Files.exists(shared.resolve("out/index.html"))).isEqualTo(leaves);
        if (leaves) {
            mounted.push(shared.resolve("out"));
        }
    }

    @Test
    void aSourceThatCannotPropagateIsRefused() throws IOException {
        var alone = mountPoint("alone", false);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        for (var how :
                List.of(
                        MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
                        MountPropagation.PROPAGATION_BIDIRECTIONAL)) {
            var config =
                    kubelet.shell("c", "true")
                            .addMounts(volume(alone, "/v").setPropagation(how))
                            .build();
            fails(
                    Status.Code.INVALID_ARGUMENT,
                    () -> kubelet.create(sandbox, pod, config),
                    "config.mounts[0].propagation",
                    alone.toString());
        }
    }

    @Test
    void readOnlyReachesMountsBelowOnlyWhenAskedRecursively() throws IOException {
        var outer = node.folders().top().resolve("outer");
        mount(outer.resolve("in"), "mount", "-t", "tmpfs", "none", outer.resolve("in") + "");
        var pod = kubelet.pod().build();
        var config =
                kubelet.shell(
                                "c",
                                "touch /ro/a; touch /ro/in/a && echo open;"
                                        + " touch /rro/in/b || echo closed")
                        .addMounts(volume(outer, "/ro").setReadonly(true));
        var sandbox = kubelet.run(pod);
        var recursive = volume(outer, "/rro").setReadonly(true).setRecursiveReadOnly(true);
        config.addMounts(recursive);
        Waiting.until("what the machine's runc says of itself", Kubelet.SOON, this::handlerCanDoIt);
        kubelet.exited(kubelet.launch(sandbox, pod, config.build()));
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout"))
                .containsExactly("open", "closed");
        for (var wrong :
                List.of(
                        recursive.clone().setReadonly(false),
                        recursive
                                .clone()
                                .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER))) {
            var refused = kubelet.shell("no", "true").addMounts(wrong).build();
            fails(
                    Status.Code.INVALID_ARGUMENT,
                    () -> kubelet.create(sandbox, pod, refused),
                    "config.mounts[0].recursive_read_only");
        }
    }

    private boolean handlerCanDoIt() {
        return node
                .client()
                .runtime()
                .status(StatusRequest.getDefaultInstance())
                .getRuntimeHandlersList()
                .stream()
                .filter(handler -> handler.getName().equals("runc"))
                .allMatch(handler -> handler.getFeatures().getRecursiveReadOnlyMounts());
    }

    /** A runtime that is not there says nothing of itself, so that the kubelet is told why. */
    @Test
    void aRuntimeThatCannotIsNamedWithTheKubeletsWord() throws IOException {
        var pod = kubelet.pod().build();
        var source = Files.createDirectories(node.folders().top().resolve("plain"));
        var mapped = IDMapping.newBuilder().setHostId(1000).setLength(1).build();
        var config =
                kubelet.shell("c", "true")
                        .addMounts(
                                volume(source, "/v").addUidMappings(mapped).addGidMappings(mapped));
        var sandbox = kubelet.run(pod);
        var status = node.client().runtime().status(StatusRequest.getDefaultInstance());
        assertThat(status.getFeatures().getMountOptions()).isTrue();
        assertThat(status.getFeatures().getSupplementalGroupsPolicy()).isTrue();
        assertThat(status.getRuntimeHandlersList())
                .filteredOn(handler -> handler.getName().equals("gone"))
                .noneMatch(handler -> handler.getFeatures().getRecursiveReadOnlyMounts());
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> kubelet.create(sandbox, pod, config.build()),
                "config.mounts[0].uidMappings",
                "lists no id-mapped mounts");
    }

    @Test
    void optionsOfAMountHoldInTheContainer() throws IOException {
        var source = Files.createDirectories(node.folders().top().resolve("options"));
        Files.copy(Path.of("/bin/busybox"), source.resolve("b"));
        var config =
                kubelet.shell("c", "grep ' /v ' /proc/self/mountinfo; /v/b true")
                        .addMounts(
                                volume(source, "/v")
                                        .addMountOptions("noexec")
                                        .addMountOptions("nosuid")
                                        .addMountOptions("nodev"));
        var pod = kubelet.pod().build();
        kubelet.exited(kubelet.launch(kubelet.run(pod), pod, config.build()));
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout").getFirst())
                .contains("noexec", "nosuid", "nodev");
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stderr").toString())
                .contains("Permission denied");
    }

    @Test
    void aLinkIsFollowedOnTheHost() throws IOException {
        var real = Files.createDirectories(node.folders().top().resolve("real"));
        Files.writeString(real.resolve("file"), "behind the link\n");
        var link = node.folders().top().resolve("link");
        Files.createSymbolicLink(link, real);
        var config = kubelet.shell("c", "cat /v/file").addMounts(volume(link, "/v"));
        var pod = kubelet.pod().build();
        kubelet.exited(kubelet.launch(kubelet.run(pod), pod, config.build()));
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout"))
                .containsExactly("behind the link");
        Files.delete(link);
    }

    private static Mount.Builder volume(Path host, String container) {
        return Mount.newBuilder().setHostPath(host.toString()).setContainerPath(container);
    }

    private static LinuxContainerConfig withCapability(String name) {
        return LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                        LinuxContainerSecurityContext.newBuilder()
                                .setCapabilities(Capability.newBuilder().addAddCapabilities(name)))
                .build();
    }
}
