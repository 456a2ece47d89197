package io.berth.sandbox.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.LinuxCalls;
import io.berth.linux.step.Steps;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.container.ContainerStore;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.sandbox.SandboxStore;
import io.berth.storage.Storage;
import io.berth.storage.metadata.Ledger;
import io.berth.storage.metadata.StoreSalvage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that an older berth wrote is read with all that it holds, before and after migration. */
class OlderStoreTest {
    private static final Map<String, String> FILES =
            Map.of(
                    "wal", "000004.log",
                    "current", "CURRENT",
                    "manifest", "MANIFEST-000005",
                    "identity", "IDENTITY");

    @TempDir Path root;

    @BeforeEach
    void unpack() throws IOException {
        var meta = Files.createDirectories(root.resolve("meta"));
        for (var file : FILES.entrySet()) {
            var name = "older-store/" + file.getKey();
            try (var in = OlderStoreTest.class.getResourceAsStream(name)) {
                assertThat(in).as(name).isNotNull();
                Files.copy(in, meta.resolve(file.getValue()));
            }
        }
    }

    private Storage open() throws IOException {
        return Steps.run(
                "test",
                "open",
                () -> Storage.open(root, new LinuxCalls(), Clock.systemUTC(), "overlayfs"));
    }

    @Test
    void itIsWholeThoughItHasNoNote() throws IOException {
        assertThat(new StoreSalvage(root.resolve("meta")).check()).isEmpty();
    }

    @Test
    void podsContainersAndLedgerAreReadNowAndAfterTheyAreMigrated() throws IOException {
        for (var opening : List.of("first", "second")) {
            try (var storage = open()) {
                allIsThere(opening, storage);
            }
        }
    }

    @Test
    void aSalvageOfItLosesNothing() throws IOException {
        var salvaged =
                new StoreSalvage(root.resolve("meta"))
                        .salvage(
                                root.resolve("no-copy"), Optional.empty(), true, Clock.systemUTC());
        assertThat(salvaged.fromCopy()).isFalse();
        assertThat(salvaged.families())
                .containsEntry("sandboxes", 2)
                .containsEntry("containers", 3)
                .containsEntry("images", 2);
        try (var storage = open()) {
            allIsThere("salvaged", storage);
        }
    }

    private static void allIsThere(String when, Storage storage) {
        var pods = SandboxStore.open(storage.metadata());
        assertThat(pods.all()).as(when).hasSize(2);
        var ready = pods.all().stream().filter(PodSandbox::ready).findFirst().orElseThrow();
        assertThat(ready.config().getPortMappings(0).getContainerPort()).isEqualTo(80);
        assertThat(ready.config().getMetadata().getName()).startsWith("pod");
        assertThat(pods.all())
                .filteredOn(pod -> pod.state() instanceof SandboxState.Stopped)
                .hasSize(1);

        var containers = ContainerStore.open(storage.metadata()).of(ready.id());
        assertThat(containers).as(when).hasSize(3);
        assertThat(named(containers, "c").state()).isInstanceOf(ContainerState.Running.class);
        assertThat(named(containers, "later").state()).isInstanceOf(ContainerState.Created.class);
        assertThat(named(containers, "later").config().getCommandList()).contains("exit 3");
        assertThat(named(containers, "done").state()).isInstanceOf(ContainerState.Exited.class);

        assertThat(storage.ledger().of(ready.id().value()))
                .as(when)
                .extracting(Ledger.Entry::kind)
                .contains(
                        ResourceKind.TASK.word(),
                        ResourceKind.SHIM.word(),
                        ResourceKind.CNI.word(),
                        ResourceKind.NETNS.word(),
                        ResourceKind.CGROUP.word());
    }

    private static Container named(List<Container> containers, String name) {
        return containers.stream()
                .filter(it -> it.config().getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
