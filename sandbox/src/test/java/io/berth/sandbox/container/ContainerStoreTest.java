package io.berth.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.storage.metadata.Metadata;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final LinuxContainerResources LIMITS =
            LinuxContainerResources.newBuilder().setCpuShares(77).putUnified("a.b", "c").build();

    @TempDir Path directory;

    @Test
    void everyStateSurvivesARestartAsItWas() throws Exception {
        var states =
                List.of(
                        new ContainerState.Creating(),
                        new ContainerState.Created(),
                        new ContainerState.Running(NOW, 42),
                        new ContainerState.Running(NOW, 42, Optional.of(NOW)),
                        new ContainerState.Exited(Optional.empty(), NOW, 128, "StartError", "m"),
                        new ContainerState.Removing(NOW),
                        new ContainerState.Removing(
                                NOW,
                                Optional.of(
                                        new ContainerState.Exited(
                                                Optional.of(NOW), NOW, 7, "Error", "m"))));
        var written = states.stream().map(ContainerStoreTest::container).toList();
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata);
            written.forEach(container -> store.add(container, _ -> {}));
        }
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            assertThat(ContainerStore.open(metadata).all())
                    .containsExactlyInAnyOrderElementsOf(written);
        }
    }

    @Test
    void anUpdateThatACrashCutIsFoundAndItsEndForgetsIt() throws Exception {
        var container = container(new ContainerState.Running(NOW, 42));
        var update = new ResourceUpdate(LIMITS, Map.of("k", "v"));
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata);
            store.add(container, _ -> {});
            store.beginUpdate(container.id(), update);
        }
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata);
            assertThat(store.updateUnderWay(container.id())).contains(update);
            store.finishUpdate(container.id(), LIMITS);
            assertThat(store.updateUnderWay(container.id())).isEmpty();
            store.beginUpdate(container.id(), update);
            store.dropUpdate(container.id());
        }
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata);
            var found = store.find(container.id()).orElseThrow();
            assertThat(found.config().getLinux().getResources()).isEqualTo(LIMITS);
            assertThat(found).isEqualTo(container.withResources(LIMITS));
            assertThat(store.updateUnderWay(container.id())).isEmpty();
            store.beginUpdate(container.id(), update);
            store.remove(container.id(), _ -> {});
            assertThat(store.updateUnderWay(container.id())).isEmpty();
        }
    }

    @Test
    void aRecordOfTheFirstVersionHasNoSignal() throws Exception {
        var mapper = new JsonMapper();
        var running = (ObjectNode) mapper.readTree("{\"state\":{\"is\":\"running\",\"pid\":4}}");
        var created = (ObjectNode) mapper.readTree("{\"state\":{\"is\":\"created\"}}");
        assertThat(new SignalledAt().migrate("k", running).at("/state/signalledAt").isNull())
                .isTrue();
        assertThat(new SignalledAt().migrate("k", created.deepCopy())).isEqualTo(created);
    }

    @Test
    void aRecordOfTheSecondVersionHasNoEnd() throws Exception {
        var mapper = new JsonMapper();
        var removing = (ObjectNode) mapper.readTree("{\"state\":{\"is\":\"removing\"}}");
        var exited = (ObjectNode) mapper.readTree("{\"state\":{\"is\":\"exited\"}}");
        assertThat(new EndKept().migrate("k", removing).at("/state/ended").isNull()).isTrue();
        assertThat(new EndKept().migrate("k", exited.deepCopy())).isEqualTo(exited);
    }

    @Test
    void aRecordOfTheThirdVersionWasNotRestored() {
        var body = new JsonMapper().createObjectNode().put("id", "x");
        assertThat(new Restored().migrate("k", body).path("restored").booleanValue()).isFalse();
        assertThat(body.has("restored")).isTrue();
    }

    private static Container container(ContainerState state) {
        return new Container(
                ContainerId.random(),
                new ContainerName("c_p_n_u_0"),
                SandboxId.random(),
                "hash",
                ContainerConfig.newBuilder().setLogPath("c.log").build(),
                "sha256:1",
                "ref",
                "SIGTERM",
                "/var/log/c.log",
                NOW,
                Optional.of(new ContainerUser(1, 2, List.of(3))),
                false,
                state);
    }
}
