package io.berth.sandbox.operation;

import static io.berth.cri.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static io.berth.cri.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerEventResponse;
import io.berth.cri.v1.ContainerEventType;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStatus;
import io.berth.sandbox.event.EventReader;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers are told what a list would say at that moment. */
@Timeout(120)
class GetContainerEventsTest {
    @TempDir(factory = ShortFolder.class)
    Path folder;

    private NodeRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = NodeRig.open(folder);
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    @Test
    void aDeletedContainerIsNotListed() throws InterruptedException {
        var pod = rig.runPod("web");
        var other = rig.runContainer(pod, "other");
        var app = rig.runContainer(pod, rig.script("app", "exit 7"));
        rig.awaitExit(app);
        rig.sandboxes().removeContainer(app.value());

        var events = new GetContainerEvents(rig.events(), rig.node().images());
        try (var reader = events.read()) {
            var stopped = next(events, reader, CONTAINER_STOPPED_EVENT);
            assertThat(stopped.getContainersStatusesList())
                    .anySatisfy(
                            status -> {
                                assertThat(status.getId()).isEqualTo(app.value());
                                assertThat(status.getState())
                                        .isEqualTo(ContainerState.CONTAINER_EXITED);
                                assertThat(status.getExitCode()).isEqualTo(7);
                            });
            var deleted = next(events, reader, CONTAINER_DELETED_EVENT);
            assertThat(deleted.getContainerId()).isEqualTo(app.value());
            assertThat(deleted.getContainersStatusesList())
                    .extracting(ContainerStatus::getId)
                    .containsExactly(other.value());
            assertThat(deleted.getPodSandboxStatus().getId()).isEqualTo(pod.value());
        }
    }

    private static ContainerEventResponse next(
            GetContainerEvents events, EventReader reader, ContainerEventType type)
            throws InterruptedException {
        while (true) {
            var event = events.response(reader.next().orElseThrow());
            if (event.getContainerEventType() == type) {
                return event;
            }
        }
    }
}
