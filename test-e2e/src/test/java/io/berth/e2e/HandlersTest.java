package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.ImageStatusRequest;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.PullImageRequest;
import io.berth.e2e.node.NodeConfig;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an operator sets for one runtime handler holds for its pods, and for no others. */
class HandlersTest extends NodeTest {
    /** What images are once in the handler's own snapshotter stays there with them. */
    @BeforeAll
    void unpackCopies() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod, "copies");
        kubelet.exited(kubelet.launch(sandbox, pod, kubelet.shell("first", "true").build()));
        kubelet.end(sandbox);
    }

    private String bundle(String id) throws IOException {
        var config = node.folders().state().resolve("bundles").resolve(id).resolve("config.json");
        return Files.readString(config);
    }

    @Test
    void annotationsAndTheBaseSpecReachTheRuntime() throws IOException {
        var pod =
                kubelet.pod()
                        .putAnnotations("pass.pod/yes", "1")
                        .putAnnotations("keep.pod/no", "2")
                        .putAnnotations("io.kubernetes.cri.container-type", "forged")
                        .build();
        var container =
                kubelet.shell("c", "ulimit -n")
                        .putAnnotations("pass.container", "3")
                        .putAnnotations("keep.container", "4")
                        .build();
        var sandbox = kubelet.run(pod, "special");
        var id = kubelet.launch(sandbox, pod, container);
        assertThat(bundle(sandbox))
                .contains("\"pass.pod/yes\":\"1\"")
                .contains("\"io.kubernetes.cri.podsandbox.image-name\":\"")
                .contains("\"io.kubernetes.cri.container-type\":\"sandbox\"")
                .doesNotContain("keep.pod");
        assertThat(bundle(id))
                .contains("\"pass.pod/yes\":\"1\"")
                .contains("\"pass.container\":\"3\"")
                .contains("\"io.kubernetes.cri.container-name\":\"c\"")
                .doesNotContain("keep.");
        assertThat(kubelet.exited(id).getExitCode()).isZero();
        assertThat(LogLine.texts(Kubelet.log(pod, container), "stdout")).containsExactly("321");
        var plain = kubelet.run(kubelet.pod().putAnnotations("pass.pod/yes", "1").build());
        assertThat(bundle(plain)).doesNotContain("pass.pod", "RLIMIT_NOFILE");
    }

    @Test
    void aHandlerHasNetworksAndAStateFolderOfItsOwn() throws IOException {
        var sandbox = kubelet.run(kubelet.pod().build(), "special");
        var ip = kubelet.podStatus(sandbox).getNetwork().getIp();
        assertThat(ip).startsWith(NodeConfig.SPECIAL_NET);
        var other = kubelet.run(kubelet.pod().build());
        assertThat(kubelet.podStatus(other).getNetwork().getIp())
                .doesNotStartWith(NodeConfig.SPECIAL_NET);
        var state = node.folders().top().resolve("special-state/k8s.io");
        assertThat(state.resolve(sandbox)).isDirectory();
        assertThat(state.resolve(other)).doesNotExist();
        node.kill();
        node.restart(Map.of());
        assertThat(kubelet.podStatus(sandbox).getNetwork().getIp()).isEqualTo(ip);
        kubelet.end(sandbox);
        assertThat(state).isEmptyDirectory();
    }

    @Test
    void aHandlerKeepsFilesWithASnapshotterOfItsOwn() throws IOException {
        var pod = kubelet.pod().build();
        var container =
                kubelet.shell(
                                "c",
                                "echo mine > /kept; grep -c ' / / .* overlay ' /proc/self/mountinfo; exec sleep 300")
                        .build();
        var copied = kubelet.run(pod, "copies");
        var inCopy = kubelet.launch(copied, pod, container);
        kubelet.awaitLine(Kubelet.log(pod, container), "0");
        var other = kubelet.pod().build();
        var stacked = kubelet.launch(kubelet.run(other), other, container);
        kubelet.awaitLine(Kubelet.log(other, container), "1");
        node.kill();
        node.restart(Map.of());
        for (var id : List.of(inCopy, stacked)) {
            assertThat(kubelet.exec(id, "cat", "/kept").getStdout().toStringUtf8())
                    .isEqualTo("mine\n");
        }
        var copies = node.folders().root().resolve("snapshots/native");
        int before = count(copies);
        kubelet.end(copied);
        assertThat(count(copies)).isEqualTo(before - 2);
    }

    @Test
    void nobodyIsAskedOfAContainerThatEndedBeforeItsPod() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod, "crun");
        var id = kubelet.launch(sandbox, pod, kubelet.shell("c", "true").build());
        kubelet.exited(id);
        kubelet.stopPod(sandbox);
        var calls = crunCalls(id);
        assertThat(calls).anyMatch(call -> call.contains(" delete "));
        kubelet.remove(id);
        assertThat(crunCalls(id)).isEqualTo(calls);
        assertThat(node.folders().state().resolve("bundles").resolve(id)).doesNotExist();
    }

    private List<String> crunCalls(String container) throws IOException {
        try (var calls = Files.lines(NodeConfig.crunCalls(node.folders()))) {
            return calls.filter(call -> call.contains(container)).toList();
        }
    }

    private static int count(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return (int) entries.count();
        }
    }

    @Test
    void aPullUnpacksForTheHandlerThatItIsFor() throws IOException {
        var image = ImageSpec.newBuilder().setImage(node.reference());
        var pull =
                PullImageRequest.newBuilder().setImage(image.clone().setRuntimeHandler("copies"));
        var id = node.client().images().pullImage(pull.build()).getImageRef();
        var status =
                node.client()
                        .images()
                        .imageStatus(ImageStatusRequest.newBuilder().setImage(image).build());
        assertThat(status.getImage().getId()).isEqualTo(id);
        fails(
                Status.Code.INVALID_ARGUMENT,
                () ->
                        node.client()
                                .images()
                                .pullImage(
                                        PullImageRequest.newBuilder()
                                                .setImage(image.clone().setRuntimeHandler("none"))
                                                .build()),
                "image.runtime_handler 'none'",
                "copies");
    }

    @Test
    void privilegedContainersMayUseDevicesThatTheyAreNotGiven() throws IOException {
        var pod =
                kubelet.pod()
                        .setLinux(
                                LinuxPodSandboxConfig.newBuilder()
                                        .setSecurityContext(
                                                LinuxSandboxSecurityContext.newBuilder()
                                                        .setPrivileged(true)))
                        .build();
        var container =
                kubelet.shell(
                                "c",
                                "ls /dev/kmsg && exit 3; mknod /k c 1 11 && : < /k && echo opened")
                        .setLinux(
                                LinuxContainerConfig.newBuilder()
                                        .setSecurityContext(
                                                LinuxContainerSecurityContext.newBuilder()
                                                        .setPrivileged(true)))
                        .build();
        var id = kubelet.launch(kubelet.run(pod, "copies"), pod, container);
        assertThat(kubelet.exited(id).getExitCode()).isZero();
        assertThat(LogLine.texts(Kubelet.log(pod, container), "stdout")).containsExactly("opened");
    }

    @Test
    void aBaseSpecThatIsGoneIsNamed() throws IOException {
        var base = node.folders().top().resolve("base.json");
        var text = Files.readString(base);
        Files.delete(base);
        try {
            var pod = kubelet.pod().build();
            var status = failure(() -> kubelet.run(pod, "special"));
            assertThat(status.getDescription()).contains("'special'", base.toString());
        } finally {
            Files.writeString(base, text);
        }
    }

    @Test
    void aParentOfTheOtherDriverIsRefused() throws IOException {
        var pod =
                kubelet.pod()
                        .setLinux(
                                LinuxPodSandboxConfig.newBuilder()
                                        .setCgroupParent("kubepods-burstable-pod1.slice"))
                        .build();
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> kubelet.run(pod),
                "kubepods-burstable-pod1.slice",
                "cgroupfs",
                "cgroupDriver");
    }
}
