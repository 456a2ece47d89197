package io.berth.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerMetadata;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.ForeignScope;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.foreign.MemoryExhausted;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Family;
import io.berth.storage.metadata.Metadata;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of pod authors are large and many; what memory holds of them is small and counted. */
final class RequestsOnDiskTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final ByteString LARGE = ByteString.copyFromUtf8("v".repeat(1_200_000));

    @TempDir private Path directory = Path.of("");

    /** The form of version 4, as f35523d wrote it. */
    record Version4(
            String id,
            String name,
            String sandbox,
            String requestHash,
            String config,
            String imageId,
            String imageRef,
            String stopSignal,
            String logPath,
            Instant createdAt,
            Optional<ContainerUser> user,
            boolean restored,
            ContainerState state) {}

    @Test
    void memoryHoldsLittleOfManyLargeRequestsAndEachIsRead() {
        var budget = new MemoryBudget(50 << 20, Duration.ZERO);
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata, budget);
            for (int i = 0; i < 70; i++) {
                store.add(container(config(i)), _ -> {});
            }
            assertThat(budget.held(ForeignKind.RECORDS)).isLessThan(70 * 4096);
        }
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata, budget);
            assertThat(store.all())
                    .hasSize(70)
                    .allSatisfy(
                            each -> {
                                var attempt = each.brief().getMetadata().getAttempt();
                                assertThat(each.brief().getEnvsCount()).isZero();
                                assertThat(each.labels()).containsEntry("n", "" + attempt);
                                assertThat(each.config()).isEqualTo(config(attempt));
                            });
        }
    }

    @Test
    void aContainerOfTheFourthVersionKeepsItsRequest() {
        var family = new Family<>("containers", 4, Version4.class);
        var written = container(config(7));
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var encoded = Base64.getEncoder().encodeToString(config(7).toByteArray());
            var old =
                    new Version4(
                            written.id().value(),
                            written.name().value(),
                            written.sandbox().value(),
                            "hash",
                            encoded,
                            "sha256:1",
                            "ref",
                            "SIGTERM",
                            "/var/log/c.log",
                            NOW,
                            Optional.empty(),
                            false,
                            new ContainerState.Created());
            metadata.commit(new Batch().put(metadata.table(family), old.id(), old));
        }
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var found = ContainerStore.open(metadata).find(written.id()).orElseThrow();
            assertThat(found).isEqualTo(written);
            assertThat(found.config()).isEqualTo(config(7));
        }
    }

    @Test
    void aRecordThatFindsNoRoomIsRefusedAloneAndARemovalGivesRoom() {
        var budget = new MemoryBudget(3 << 20, Duration.ZERO);
        var annotated =
                ContainerConfig.newBuilder().putAnnotations("a", "x".repeat(256 << 10)).build();
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata, budget);
            var first = container(annotated);
            store.add(first, _ -> {});
            store.add(container(annotated), _ -> {});
            var third = container(annotated);
            assertThatThrownBy(() -> store.add(third, _ -> {}))
                    .isInstanceOf(MemoryExhausted.class)
                    .hasMessageContaining("records");
            assertThat(store.find(third.id())).isEmpty();
            store.remove(first.id(), _ -> {});
            store.add(third, _ -> {});
            assertThat(store.find(third.id())).isPresent();
        }
        var smaller = new MemoryBudget(1 << 20, Duration.ZERO);
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            assertThat(ContainerStore.open(metadata, smaller).all()).hasSize(2);
        }
    }

    @Test
    void aRequestIsReadOnceForACallAndPaidByIt() {
        var budget = new MemoryBudget(100 << 20, Duration.ZERO);
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata, budget);
            var id = add(store, config(1));
            var container = store.find(id).orElseThrow();
            var scope = new ForeignScope(budget.force(ForeignKind.REQUESTS, 0));
            ScopedValue.where(ForeignScope.CURRENT, scope)
                    .run(
                            () -> {
                                var once = container.config();
                                assertThat(container.config()).isSameAs(once);
                            });
            assertThat(budget.held(ForeignKind.REQUESTS)).isBetween(3_600_000L, 7_200_000L);
            scope.leave();
            assertThat(budget.held(ForeignKind.REQUESTS)).isZero();
            store.remove(id, _ -> {});
            assertThatThrownBy(container::config).isInstanceOf(SandboxException.NotFound.class);
        }
    }

    @Test
    void aChangeOfLimitsLeavesTheRestOfTheRequest() {
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata);
            var id = add(store, config(1));
            var limits = LinuxContainerResources.newBuilder().setCpuShares(7).build();
            store.finishUpdate(id, limits);
            var expected = config(1).toBuilder();
            expected.getLinuxBuilder().setResources(limits);
            assertThat(store.find(id).orElseThrow().config()).isEqualTo(expected.build());
        }
    }

    @Test
    void aStoreOfALargeHeapIsHeldByASmallOneAndIsWhole() {
        var annotated =
                ContainerConfig.newBuilder()
                        .putLabels("n", "7")
                        .putAnnotations("a", "x".repeat(256 << 10))
                        .build();
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata, new MemoryBudget(350 << 20, Duration.ZERO));
            for (int i = 0; i < 120; i++) {
                store.add(container(annotated), _ -> {});
            }
        }
        var small = new MemoryBudget(62 << 20, Duration.ZERO);
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata, small);
            assertThat(small.held(ForeignKind.RECORDS))
                    .isLessThan(small.limit(ForeignKind.RECORDS));
            assertThat(store.all())
                    .hasSize(120)
                    .allSatisfy(each -> assertThat(each.labels()).containsEntry("n", "7"));
            var id = add(store, annotated);
            assertThat(store.find(id)).isPresent();
            for (var each : store.all()) {
                store.finishUpdate(each.id(), LinuxContainerResources.getDefaultInstance());
            }
            assertThat(small.held(ForeignKind.RECORDS))
                    .isLessThan(small.limit(ForeignKind.RECORDS));
        }
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var large = new MemoryBudget(350 << 20, Duration.ZERO);
            assertThat(ContainerStore.open(metadata, large).all())
                    .hasSize(121)
                    .allSatisfy(each -> assertThat(each.config()).isEqualTo(annotated));
        }
    }

    @Test
    void labelsThatAreNotInMemoryAreChargedToWhoAsks() {
        var annotated =
                ContainerConfig.newBuilder().putAnnotations("a", "x".repeat(256 << 10)).build();
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var store = ContainerStore.open(metadata, new MemoryBudget(350 << 20, Duration.ZERO));
            var _ = add(store, annotated);
        }
        var small = new MemoryBudget(1 << 20, Duration.ZERO);
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var one = ContainerStore.open(metadata, small).all().iterator().next();
            var scope = new ForeignScope(small.force(ForeignKind.REQUESTS, 0));
            ScopedValue.where(ForeignScope.CURRENT, scope)
                    .run(
                            () -> {
                                assertThat(one.annotations()).containsKey("a");
                                assertThatThrownBy(one::annotations)
                                        .isInstanceOf(MemoryExhausted.class);
                            });
            scope.leave();
        }
    }

    private static ContainerId add(ContainerStore store, ContainerConfig config) {
        var container = container(config);
        store.add(container, _ -> {});
        return container.id();
    }

    private static ContainerConfig config(int number) {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName("c").setAttempt(number))
                .addEnvs(KeyValue.newBuilder().setKey("K" + number).setValue(LARGE))
                .putLabels("n", "" + number)
                .build();
    }

    private static Container container(ContainerConfig config) {
        return new Container(
                ContainerId.random(),
                new ContainerName("c_p_n_u_0"),
                SandboxId.random(),
                "hash",
                config,
                "sha256:1",
                "ref",
                "SIGTERM",
                "/var/log/c.log",
                NOW,
                Optional.empty(),
                false,
                new ContainerState.Created());
    }
}
