package io.berth.e2e;

import static io.berth.cri.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static io.berth.cri.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static io.berth.cri.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static io.berth.cri.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerEventResponse;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStatus;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.PodSandboxFilter;
import io.berth.cri.v1.PodSandboxState;
import io.berth.cri.v1.StreamContainersRequest;
import io.berth.cri.v1.StreamImagesRequest;
import io.berth.cri.v1.StreamPodSandboxesRequest;
import io.berth.e2e.pod.EventLog;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a kubelet is told without asking each time: events, and lists in portions. */
class EventsTest extends NodeTest {
    private Optional<EventLog> log = Optional.empty();

    private EventLog told() {
        if (log.isEmpty()) {
            log = Optional.of(EventLog.of(node.client()));
        }
        return log.get();
    }

    @Test
    void aPodsLifeIsToldWithItsWholeStatus() throws IOException {
        var told = told();
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("quick", "exit 3").build());
        kubelet.exited(id);
        kubelet.end(sandbox);

        var events = told.ofPod(sandbox, 8);
        assertThat(events)
                .extracting(e -> e.getContainerEventType() + " " + e.getContainerId())
                .containsExactly(
                        CONTAINER_CREATED_EVENT + " " + sandbox,
                        CONTAINER_STARTED_EVENT + " " + sandbox,
                        CONTAINER_CREATED_EVENT + " " + id,
                        CONTAINER_STARTED_EVENT + " " + id,
                        CONTAINER_STOPPED_EVENT + " " + id,
                        CONTAINER_STOPPED_EVENT + " " + sandbox,
                        CONTAINER_DELETED_EVENT + " " + id,
                        CONTAINER_DELETED_EVENT + " " + sandbox);
        assertThat(events)
                .isSortedAccordingTo((a, b) -> Long.compare(a.getCreatedAt(), b.getCreatedAt()));
        assertThat(events)
                .allSatisfy(
                        e ->
                                assertThat(e.getPodSandboxStatus().getMetadata())
                                        .isEqualTo(pod.getMetadata()));
        assertThat(events.get(1).getPodSandboxStatus().getState())
                .isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(events.get(1).getPodSandboxStatus().getNetwork().getIp()).startsWith("10.");
        assertThat(status(events, 4).getExitCode()).isEqualTo(3);
        assertThat(status(events, 4).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(events.get(6).getContainersStatusesList()).as("of the deleted").isEmpty();
        assertThat(events.getLast().getPodSandboxStatus().getState())
                .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    }

    @Test
    void anOomKillIsToldAsOne() throws IOException {
        var told = told();
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var limit =
                LinuxContainerConfig.newBuilder()
                        .setResources(
                                LinuxContainerResources.newBuilder()
                                        .setMemoryLimitInBytes(32 << 20));
        var greedy =
                kubelet.container("greedy", "dd", "if=/dev/zero", "of=/dev/null", "bs=200M")
                        .setLinux(limit);
        var id = kubelet.launch(sandbox, pod, greedy.build());
        var stopped = told.ofPod(sandbox, 5).getLast();
        assertThat(stopped.getContainerEventType()).isEqualTo(CONTAINER_STOPPED_EVENT);
        assertThat(stopped.getContainerId()).isEqualTo(id);
        assertThat(stopped.getContainersStatuses(0).getReason()).isEqualTo("OOMKilled");
    }

    @Test
    void anExitWhileNoDaemonRanIsToldToTheFirstReaderAfterwards() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id =
                kubelet.launch(
                        sandbox, pod, kubelet.shell("brief", "usleep 300000; exit 6").build());
        var told = told();
        node.kill();
        assertThat(told.end().getCode()).isNotEqualTo(Status.Code.OK);
        node.restart(Map.of());
        log = Optional.empty();
        kubelet.exited(id);
        var after = told().ofPod(sandbox, 1).getFirst();
        assertThat(after.getContainerEventType()).isEqualTo(CONTAINER_STOPPED_EVENT);
        assertThat(after.getContainersStatuses(0).getExitCode()).isEqualTo(6);
    }

    @Test
    void readersDoNotHoldUpTheDaemonsEnd() throws IOException {
        var told = told();
        assertThat(node.daemon().terminate()).isIn(0, 143);
        assertThat(told.end().getCode()).isEqualTo(Status.Code.OK);
        log = Optional.empty();
    }

    @Test
    void listsInPortionsAreTheListsAtOnce() throws IOException {
        var pod = kubelet.pod().putLabels("half", "no").build();
        var sandbox = kubelet.run(pod);
        int count = 5;
        for (int i = 0; i < count; i++) {
            kubelet.create(sandbox, pod, kubelet.shell("c" + i, "true").build());
        }
        var runtime = node.client().runtime();
        var containers = new ArrayList<io.berth.cri.v1.Container>();
        runtime.streamContainers(StreamContainersRequest.getDefaultInstance())
                .forEachRemaining(
                        portion -> {
                            assertThat(portion.getContainersList()).isNotEmpty();
                            containers.addAll(portion.getContainersList());
                        });
        assertThat(containers)
                .hasSize(count)
                .isEqualTo(
                        runtime.listContainers(ListContainersRequest.getDefaultInstance())
                                .getContainersList());

        var filter = PodSandboxFilter.newBuilder().putLabelSelector("half", "no");
        var request = StreamPodSandboxesRequest.newBuilder().setFilter(filter).build();
        var pods = runtime.streamPodSandboxes(request).next().getPodSandboxesList();
        assertThat(pods)
                .hasSize(1)
                .isEqualTo(
                        runtime.listPodSandbox(
                                        ListPodSandboxRequest.newBuilder()
                                                .setFilter(filter)
                                                .build())
                                .getItemsList());
        filter.putLabelSelector("half", "yes");
        var none = StreamPodSandboxesRequest.newBuilder().setFilter(filter).build();
        assertThat(runtime.streamPodSandboxes(none).hasNext()).isFalse();

        var images = node.client().images().streamImages(StreamImagesRequest.getDefaultInstance());
        assertThat(images.next().getImagesList())
                .anySatisfy(i -> assertThat(i.getRepoTagsList()).contains(node.reference()));
        assertThat(images.hasNext()).isFalse();
    }

    private static ContainerStatus status(List<ContainerEventResponse> events, int index) {
        assertThat(events.get(index).getContainersStatusesList()).hasSize(1);
        return events.get(index).getContainersStatuses(0);
    }
}
