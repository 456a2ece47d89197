package io.berth.sandbox.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxMetadata;
import io.berth.storage.metadata.Family;
import io.berth.storage.metadata.Metadata;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    @TempDir Path directory;

    @Test
    void everyStateSurvivesARestartAsItWas() throws Exception {
        var states =
                List.of(
                        new SandboxState.Creating(),
                        new SandboxState.Ready(NOW, 42),
                        new SandboxState.NotReady(NOW, "its shim is gone"),
                        new SandboxState.Stopped(NOW, "stopped"),
                        new SandboxState.Removing(NOW));
        var written = states.stream().map(SandboxStoreTest::sandbox).toList();
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = SandboxStore.open(metadata);
            written.forEach(sandbox -> store.add(sandbox, _ -> {}));
        }
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            assertThat(SandboxStore.open(metadata).all())
                    .containsExactlyInAnyOrderElementsOf(written);
        }
    }

    @Test
    void aRemovedSandboxFreesItsNameAndIsNotServedAfterRestart() throws Exception {
        var sandbox = sandbox(new SandboxState.Ready(NOW, 42));
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = SandboxStore.open(metadata);
            store.add(sandbox, _ -> {});
            assertThat(store.holder(sandbox.name())).contains(sandbox);
            store.remove(sandbox.id(), _ -> {});
            assertThat(store.holder(sandbox.name())).isEmpty();
            assertThat(store.apply(sandbox.id(), new SandboxEvent.StopAsked(NOW))).isEmpty();
        }
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            assertThat(SandboxStore.open(metadata).all()).isEmpty();
        }
    }

    @Test
    void aChangeThatChangesNothingIsNotWrittenButWhatComesWithItIs() throws Exception {
        var sandbox = sandbox(new SandboxState.Stopped(NOW, "stopped"));
        var again = new SandboxEvent.StopAsked(NOW.plusSeconds(1));
        var others = new Family<>("others", 1, String.class);
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = SandboxStore.open(metadata);
            store.add(sandbox, _ -> {});
            var written = metadata.syncs();
            assertThat(store.apply(sandbox.id(), again)).contains(sandbox);
            assertThat(metadata.syncs()).isEqualTo(written);
            var table = metadata.table(others);
            store.apply(sandbox.id(), again, batch -> batch.put(table, "key", "besides"));
            assertThat(metadata.syncs()).isEqualTo(written + 1);
        }
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            assertThat(metadata.table(others).get("key")).contains("besides");
            assertThat(SandboxStore.open(metadata).all()).containsExactly(sandbox);
        }
    }

    private static PodSandbox sandbox(SandboxState state) {
        var metadata =
                PodSandboxMetadata.newBuilder()
                        .setName("web")
                        .setNamespace("default")
                        .setUid(state.word())
                        .build();
        return new PodSandbox(
                SandboxId.random(),
                SandboxName.of(metadata),
                "hash",
                "runc",
                PodSandboxConfig.newBuilder().setMetadata(metadata).build(),
                NOW,
                "boot",
                List.of("10.9.0.2", "fd00::2"),
                state);
    }
}
