package io.berth.sandbox.event;

import static io.berth.cri.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static io.berth.cri.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static io.berth.cri.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static io.berth.cri.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerMetadata;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxMetadata;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerEvent;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerName;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.container.ContainerStore;
import io.berth.sandbox.container.ContainerUser;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxEvent;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxName;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.sandbox.SandboxStore;
import io.berth.storage.metadata.Metadata;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What readers are told of changes of real stores. */
class PodEventsTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final ContainerUser ROOT = new ContainerUser(0, 0, List.of());

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final Metadata metadata;
    private final SandboxStore sandboxes;
    private final ContainerStore containers;
    private final PodEvents events;

    PodEventsTest(@TempDir Path directory) throws Exception {
        metadata = Metadata.open(directory.resolve("meta"));
        sandboxes = SandboxStore.open(metadata);
        containers = ContainerStore.open(metadata);
        events = new PodEvents(sandboxes, containers, clock());
    }

    @BeforeEach
    void start() {
        events.start();
    }

    @AfterEach
    void close() {
        events.close();
        metadata.close();
    }

    @Test
    void aPodsLifeIsToldInItsOrderWithGrowingTimes() throws Exception {
        var reader = events.read();
        var pod = ready();
        var container = created(pod);
        containers.apply(container, new ContainerEvent.Started(NOW, 7));
        containers.apply(container, new ContainerEvent.TaskExit(NOW, 3, true));
        sandboxes.apply(pod, new SandboxEvent.StopAsked(NOW));
        sandboxes.apply(pod, new SandboxEvent.Released(NOW));
        remove(container);
        remove(pod);
        var told = take(reader, 8);
        assertThat(told)
                .extracting(e -> e.type() + " " + e.subject())
                .containsExactly(
                        CONTAINER_CREATED_EVENT + " " + pod,
                        CONTAINER_STARTED_EVENT + " " + pod,
                        CONTAINER_CREATED_EVENT + " " + container,
                        CONTAINER_STARTED_EVENT + " " + container,
                        CONTAINER_STOPPED_EVENT + " " + container,
                        CONTAINER_STOPPED_EVENT + " " + pod,
                        CONTAINER_DELETED_EVENT + " " + container,
                        CONTAINER_DELETED_EVENT + " " + pod);
        for (int i = 1; i < told.size(); i++) {
            assertThat(told.get(i).atNanos()).isGreaterThan(told.get(i - 1).atNanos());
        }
        assertThat(told).allSatisfy(e -> assertThat(e.sandbox().id()).isEqualTo(pod));
    }

    @Test
    void aDeletedContainerIsNoLongerAmongThePodsContainers() throws Exception {
        var pod = ready();
        var container = created(pod);
        now.set(NOW.plusSeconds(1));
        var other = created(pod);
        var reader = events.read();
        take(reader, 4);
        containers.apply(container, new ContainerEvent.Started(NOW, 7));
        containers.apply(container, new ContainerEvent.TaskExit(NOW, 137, true));
        remove(container);
        var told = take(reader, 3);
        assertThat(told.get(1).containers())
                .hasSize(2)
                .first()
                .satisfies(PodEventsTest::isOomKilled);
        var deleted = told.getLast();
        assertThat(deleted.type()).isEqualTo(CONTAINER_DELETED_EVENT);
        assertThat(deleted.subject()).isEqualTo(container.value());
        assertThat(deleted.containers()).extracting(Container::id).containsExactly(other);
        assertThat(deleted.sandbox().ready()).isTrue();
        remove(other);
        assertThat(take(reader, 1).getFirst().containers()).isEmpty();
        sandboxes.apply(pod, new SandboxEvent.StopAsked(NOW));
        sandboxes.apply(pod, new SandboxEvent.Released(NOW));
        remove(pod);
        var gone = take(reader, 2).getLast();
        assertThat(gone.type()).isEqualTo(CONTAINER_DELETED_EVENT);
        assertThat(gone.sandbox().state()).isInstanceOf(SandboxState.Stopped.class);
    }

    private static void isOomKilled(Container container) {
        assertThat(container.state())
                .isInstanceOfSatisfying(
                        ContainerState.Exited.class,
                        exited -> assertThat(exited.reason()).isEqualTo("OOMKilled"));
    }

    @Test
    void anotherContainersEventShowsOneThatIsBeingRemovedAsItWas() throws Exception {
        var pod = ready();
        var first = created(pod);
        containers.apply(first, new ContainerEvent.Started(NOW, 7));
        containers.apply(first, new ContainerEvent.TaskExit(NOW, 137, true));
        containers.apply(first, new ContainerEvent.RemoveAsked(NOW));
        var reader = events.read();
        take(reader, 5);
        now.set(NOW.plusSeconds(1));
        var second = created(pod);
        var told = take(reader, 1).getFirst();
        assertThat(told.subject()).isEqualTo(second.value());
        assertThat(told.containers()).hasSize(2).first().satisfies(PodEventsTest::isOomKilled);
    }

    @Test
    void aSandboxThatDiesIsStoppedAtOnceAndOnce() throws Exception {
        var pod = ready();
        var reader = events.read();
        take(reader, 2);
        sandboxes.apply(pod, new SandboxEvent.Died(NOW, "its shim is gone"));
        sandboxes.apply(pod, new SandboxEvent.StopAsked(NOW));
        sandboxes.apply(pod, new SandboxEvent.Released(NOW));
        remove(pod);
        assertThat(take(reader, 2))
                .extracting(PodEvent::type)
                .containsExactly(CONTAINER_STOPPED_EVENT, CONTAINER_DELETED_EVENT);
    }

    @Test
    void whatFailedToBeMadeIsNotTold() throws Exception {
        var pod = ready();
        var reader = events.read();
        take(reader, 2);
        var failed = container(pod);
        containers.add(failed, _ -> {});
        remove(failed.id());
        var unborn = sandbox();
        sandboxes.add(unborn, _ -> {});
        sandboxes.apply(unborn.id(), new SandboxEvent.RemoveAsked(NOW));
        sandboxes.remove(unborn.id(), _ -> {});
        var marker = created(pod);
        assertThat(take(reader, 1)).extracting(PodEvent::subject).containsExactly(marker.value());
    }

    @Test
    void whatHappensWhileNobodyReadsIsHeldForTheFirstReaderForFiveMinutes() throws Exception {
        var old = ready();
        now.set(NOW.plus(Duration.ofMinutes(6)));
        var young = ready();
        var first = events.read();
        assertThat(take(first, 2))
                .extracting(PodEvent::subject)
                .containsExactly(young.value(), young.value());
        assertThat(events.dropped()).isEqualTo(2);
        var second = events.read();
        created(old);
        assertThat(take(first, 1).getFirst()).isEqualTo(take(second, 1).getFirst());
    }

    @Test
    void noMoreIsHeldThanTheLimit() throws Exception {
        var pod = ready();
        int more = 100;
        for (int i = 0; i < (PodEvents.HELD + more) / 2; i++) {
            var id = created(pod);
            containers.remove(id, _ -> {});
        }
        assertThat(events.dropped()).isEqualTo(2 + more);
        assertThat(take(events.read(), PodEvents.HELD)).hasSize(PodEvents.HELD);
    }

    @Test
    void aReaderThatDoesNotReadIsDroppedAndCountedAndHoldsUpNobody() throws Exception {
        var pod = ready();
        var slow = events.read();
        var fast = events.read();
        for (int i = 0; i < EventReader.LIMIT / 2; i++) {
            containers.remove(created(pod), _ -> {});
            take(fast, 2);
        }
        assertThat(events.readersDropped()).isEqualTo(1);
        assertThat(events.dropped()).isEqualTo(EventReader.LIMIT + 1);
        assertThatThrownBy(slow::next)
                .isInstanceOf(SandboxException.TooSlow.class)
                .hasMessageContaining("list the pods");
    }

    @Test
    void anEndWakesWhoWaits() throws Exception {
        var reader = events.read();
        var woken = new ArrayList<Optional<PodEvent>>();
        var thread =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        woken.add(reader.next());
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });
        events.close();
        assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
        assertThat(woken).containsExactly(Optional.empty());
        assertThat(events.read().next()).isEmpty();
    }

    private static List<PodEvent> take(EventReader reader, int count) throws InterruptedException {
        var taken = new ArrayList<PodEvent>();
        for (int i = 0; i < count; i++) {
            taken.add(reader.next().orElseThrow());
        }
        return taken;
    }

    private SandboxId ready() {
        var sandbox = sandbox();
        sandboxes.add(sandbox, _ -> {});
        sandboxes.started(sandbox.id(), new SandboxEvent.Started(NOW, 42), List.of("10.9.0.2"));
        return sandbox.id();
    }

    private ContainerId created(SandboxId pod) {
        var container = container(pod);
        containers.add(container, _ -> {});
        containers.apply(container.id(), new ContainerEvent.Prepared(NOW, ROOT));
        return container.id();
    }

    private void remove(ContainerId id) {
        containers.apply(id, new ContainerEvent.RemoveAsked(NOW));
        containers.remove(id, _ -> {});
    }

    private void remove(SandboxId id) {
        sandboxes.apply(id, new SandboxEvent.RemoveAsked(NOW));
        sandboxes.remove(id, _ -> {});
    }

    private PodSandbox sandbox() {
        var id = SandboxId.random();
        var meta =
                PodSandboxMetadata.newBuilder()
                        .setName("web")
                        .setNamespace("default")
                        .setUid(id.value())
                        .build();
        return new PodSandbox(
                id,
                SandboxName.of(meta),
                "hash",
                "runc",
                PodSandboxConfig.newBuilder().setMetadata(meta).build(),
                requireNonNull(now.get()),
                "boot",
                List.of(),
                new SandboxState.Creating());
    }

    private Container container(SandboxId pod) {
        var id = ContainerId.random();
        return new Container(
                id,
                new ContainerName(id.value()),
                pod,
                "hash",
                ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName("c"))
                        .build(),
                "sha256:1",
                "image",
                "SIGTERM",
                "",
                requireNonNull(now.get()),
                Optional.empty(),
                false,
                new ContainerState.Creating());
    }

    private Clock clock() {
        return new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return requireNonNull(now.get());
            }
        };
    }
}
