package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerFilter;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStateValue;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.PodSandboxFilter;
import io.berth.cri.v1.PodSandboxState;
import io.berth.cri.v1.PodSandboxStateValue;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Names, the retries of a kubelet that use them, and lists. */
class NamesTest extends NodeTest {
    private static final String SLEEP = "sleep 1000";

    @Test
    void aRetriedRequestGetsTheFirstOnesId() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        assertThat(kubelet.run(pod)).isEqualTo(sandbox);
        var config = kubelet.shell("c", SLEEP).build();
        var container = kubelet.create(sandbox, pod, config);
        assertThat(kubelet.create(sandbox, pod, config)).isEqualTo(container);
        kubelet.start(container);
    }

    @Test
    void requestsAtTheSameTimeAreOne() throws IOException {
        var pod = kubelet.pod().build();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<CompletableFuture<String>>();
            for (int i = 0; i < 4; i++) {
                calls.add(CompletableFuture.supplyAsync(() -> kubelet.run(pod), threads));
            }
            assertThat(calls.stream().map(CompletableFuture::join).distinct()).hasSize(1);
        }
    }

    @Test
    void anotherRequestUnderTheNameIsToldWhoHoldsIt() throws IOException {
        var pod = kubelet.pod();
        var sandbox = kubelet.run(pod.build());
        var other = pod.clone().setHostname("other").build();
        fails(Status.Code.ALREADY_EXISTS, () -> kubelet.run(other), sandbox);
        var config = kubelet.shell("c", SLEEP);
        var container = kubelet.create(sandbox, pod.build(), config.build());
        var otherConfig = config.clone().addArgs("more").build();
        fails(
                Status.Code.ALREADY_EXISTS,
                () -> kubelet.create(sandbox, pod.build(), otherConfig),
                container);
    }

    @Test
    void namesAreHeldAcrossARestart() throws IOException {
        var pod = kubelet.pod();
        var sandbox = kubelet.run(pod.build());
        var config = kubelet.shell("c", SLEEP).build();
        var container = kubelet.create(sandbox, pod.build(), config);
        node.kill();
        node.restart(Map.of());
        assertThat(kubelet.run(pod.build())).isEqualTo(sandbox);
        assertThat(kubelet.create(sandbox, pod.build(), config)).isEqualTo(container);
        var other = pod.clone().setHostname("other").build();
        fails(Status.Code.ALREADY_EXISTS, () -> kubelet.run(other), sandbox);
        kubelet.start(container);
        assertThat(kubelet.status(container).getState())
                .isEqualTo(ContainerState.CONTAINER_RUNNING);
    }

    @Test
    void theNextAttemptAndARemovedNameAreFree() throws IOException {
        var pod = kubelet.pod();
        var first = kubelet.run(pod.build());
        var next = pod.clone();
        next.getMetadataBuilder().setAttempt(1);
        var second = kubelet.run(next.build());
        assertThat(second).isNotEqualTo(first);
        kubelet.end(first);
        assertThat(kubelet.run(pod.build())).isNotIn(first, second);
    }

    @Test
    void listsAreFilteredByIdStatePodAndLabels() throws IOException {
        var one = kubelet.pod().putLabels("app", "one").putLabels("tier", "x").build();
        var two = kubelet.pod().putLabels("app", "two").putLabels("tier", "x").build();
        var first = kubelet.run(one);
        var second = kubelet.run(two);
        assertThat(pods(PodSandboxFilter.newBuilder().putLabelSelector("tier", "x")))
                .containsExactlyInAnyOrder(first, second);
        assertThat(
                        pods(
                                PodSandboxFilter.newBuilder()
                                        .putLabelSelector("tier", "x")
                                        .putLabelSelector("app", "two")))
                .containsExactly(second);
        assertThat(pods(PodSandboxFilter.newBuilder().setId(first))).containsExactly(first);
        kubelet.stopPod(first);
        assertThat(pods(state(PodSandboxState.SANDBOX_READY))).containsExactly(second);
        assertThat(pods(state(PodSandboxState.SANDBOX_NOTREADY))).containsExactly(first);
        var running =
                kubelet.launch(second, two, kubelet.shell("r", SLEEP).putLabels("a", "b").build());
        var created = kubelet.create(second, two, kubelet.shell("c", SLEEP).build());
        assertThat(containers(ContainerFilter.newBuilder().setPodSandboxId(second)))
                .containsExactlyInAnyOrder(running, created);
        assertThat(containers(ContainerFilter.newBuilder().setPodSandboxId(first))).isEmpty();
        assertThat(containers(ContainerFilter.newBuilder().putLabelSelector("a", "b")))
                .containsExactly(running);
        assertThat(containers(ContainerFilter.newBuilder().setId(created)))
                .containsExactly(created);
        assertThat(
                        containers(
                                ContainerFilter.newBuilder()
                                        .setState(
                                                ContainerStateValue.newBuilder()
                                                        .setState(
                                                                ContainerState.CONTAINER_CREATED))))
                .containsExactly(created);
    }

    @Test
    void whatIsListedAndToldIsComplete() throws IOException {
        var pod = kubelet.pod().putLabels("l", "1").putAnnotations("a", "2").build();
        var sandbox = kubelet.run(pod);
        var config = kubelet.shell("c", SLEEP).putLabels("l", "3").putAnnotations("a", "4").build();
        var id = kubelet.launch(sandbox, pod, config);
        var listed =
                node.client()
                        .runtime()
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainers(0);
        var status = kubelet.status(id);
        assertThat(listed.getImageId()).isEqualTo(node.image().id());
        assertThat(status.getImageId()).isEqualTo(node.image().id());
        assertThat(status.getImageRef()).isNotEmpty();
        assertThat(status.getImage().getImage()).isNotEmpty();
        assertThat(listed.getImageRef()).isNotEmpty();
        assertThat(listed.getCreatedAt()).isPositive().isEqualTo(status.getCreatedAt());
        assertThat(status.getStartedAt()).isGreaterThanOrEqualTo(status.getCreatedAt());
        assertThat(listed.getLabelsMap()).isEqualTo(config.getLabelsMap());
        assertThat(status.getAnnotationsMap()).isEqualTo(config.getAnnotationsMap());
        assertThat(status.getMetadata()).isEqualTo(config.getMetadata());
        var podStatus = kubelet.podStatus(sandbox);
        assertThat(podStatus.getLabelsMap()).isEqualTo(pod.getLabelsMap());
        assertThat(podStatus.getAnnotationsMap()).isEqualTo(pod.getAnnotationsMap());
    }

    private static PodSandboxFilter.Builder state(PodSandboxState state) {
        return PodSandboxFilter.newBuilder()
                .setState(PodSandboxStateValue.newBuilder().setState(state));
    }

    private List<String> pods(PodSandboxFilter.Builder filter) {
        var request = ListPodSandboxRequest.newBuilder().setFilter(filter).build();
        return node.client().runtime().listPodSandbox(request).getItemsList().stream()
                .map(pod -> pod.getId())
                .toList();
    }

    private List<String> containers(ContainerFilter.Builder filter) {
        var request = ListContainersRequest.newBuilder().setFilter(filter).build();
        return node.client().runtime().listContainers(request).getContainersList().stream()
                .map(container -> container.getId())
                .toList();
    }
}
