package io.berth.storage.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetadataTest {
    private static final Family<Pod> PODS = new Family<>("pods", 1, Pod.class);
    @TempDir Path root;

    record Pod(
            String name,
            Optional<String> ip,
            Instant since,
            Duration grace,
            Path netns,
            State state,
            Set<Integer> ports,
            Map<String, String> labels) {}

    sealed interface State {
        record Ready(Instant at) implements State {}

        record Stopped(Instant at, int code, Optional<State> before) implements State {}

        enum Never implements State {
            NEVER
        }
    }

    private static Pod pod(String name) {
        var now = Instant.parse("2026-01-02T03:04:05.123456789Z");
        return new Pod(
                name,
                Optional.of("10.0.0.1"),
                now,
                Duration.ofMillis(1500),
                Path.of("/run/netns/" + name),
                new State.Stopped(now, 137, Optional.of(new State.Ready(now))),
                Set.of(80),
                Map.of("app", "web"));
    }

    @Test
    void recordsComeBackAfterAReopen() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var pods = metadata.table(PODS);
            metadata.commit(new Batch().put(pods, "b", pod("b")).put(pods, "a", pod("a")));
            metadata.commit(new Batch().put(pods, "c", pod("c")).delete(pods, "b"));
        }
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var pods = metadata.table(PODS);
            assertThat(pods.get("a")).contains(pod("a"));
            assertThat(pods.get("b")).isEmpty();
            assertThat(pods.all())
                    .containsExactly(Map.entry("a", pod("a")), Map.entry("c", pod("c")));
        }
    }

    @Test
    void recordsAreDrawnAsDocumented() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var pods = metadata.table(PODS);
            metadata.commit(new Batch().put(pods, "a", pod("a")));
            assertThat(new String(metadata.read("pods", "a").orElseThrow(), UTF_8))
                    .isEqualTo(
                            """
                            {"version":1,"body":{"name":"a","ip":"10.0.0.1",\
                            "since":"2026-01-02T03:04:05.123456789Z","grace":"PT1.5S",\
                            "netns":"/run/netns/a","state":{"is":"Stopped",\
                            "at":"2026-01-02T03:04:05.123456789Z","code":137,\
                            "before":{"is":"Ready","at":"2026-01-02T03:04:05.123456789Z"}},\
                            "ports":[80],"labels":{"app":"web"}}}""");
        }
    }

    @Test
    void migrationsTakeAllRecordsToTheFamilysVersion() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var first = metadata.table(new Family<>("things", 1, ThingV1.class));
            metadata.commit(new Batch().put(first, "a", new ThingV1("x")));
            metadata.commit(new Batch().put(first, "b", new ThingV1("y")));
        }
        var third = new Family<>("things", 3, ThingV3.class, List.of(new ToV2(), new ToV3()));
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            assertThat(metadata.table(third).all())
                    .containsExactly(
                            Map.entry("a", new ThingV3("x", 2)),
                            Map.entry("b", new ThingV3("y", 2)));
        }
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            assertThat(metadata.table(third).get("a")).contains(new ThingV3("x", 2));
        }
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            assertThatThrownBy(() -> metadata.table(new Family<>("things", 1, ThingV1.class)))
                    .isInstanceOf(MetadataException.UnreadableRecord.class)
                    .hasMessageContaining("family/things: found version 3, wanted at most 1");
        }
    }

    record ThingV1(String name) {}

    record ThingV3(String title, int size) {}

    private static final class ToV2 implements Migration {
        @Override
        public int from() {
            return 1;
        }

        @Override
        public ObjectNode migrate(String key, ObjectNode body) {
            return body.put("size", 2);
        }
    }

    private static final class ToV3 implements Migration {
        @Override
        public int from() {
            return 2;
        }

        @Override
        public ObjectNode migrate(String key, ObjectNode body) {
            body.set("title", body.remove("name"));
            return body;
        }
    }

    @Test
    void migrationsMustLeadToTheVersion() {
        assertThatThrownBy(() -> new Family<>("things", 3, ThingV3.class, List.of(new ToV2())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("family things: migration 0: found from version 1, wanted 2");
    }

    @Test
    void aRecordOverTheLimitIsRefusedAndNothingIsWritten() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var pods = metadata.table(PODS);
            var huge = pod("p".repeat(5 << 20));
            assertThatThrownBy(() -> metadata.commit(new Batch().put(pods, "huge", huge)))
                    .isInstanceOf(MetadataException.TooLarge.class)
                    .hasMessageContaining("wanted at most 4194304");
            assertThat(pods.contents().records()).isEmpty();
        }
    }

    @Test
    void oneUnreadableRecordIsNamedAndHidesNoOther() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var pods = metadata.table(PODS);
            metadata.commit(
                    new Batch()
                            .put(pods, "a", pod("a"))
                            .putRaw("pods", "newer", "{\"version\":9,\"body\":{}}".getBytes(UTF_8))
                            .putRaw("pods", "torn", "{\"vers".getBytes(UTF_8)));
            var contents = pods.contents();
            assertThat(contents.records()).containsOnlyKeys("a");
            assertThat(contents.unreadable())
                    .extracting(Throwable::getMessage)
                    .satisfiesExactly(
                            newer ->
                                    assertThat(newer)
                                            .isEqualTo(
                                                    "record pods/newer: found version 9, wanted 1"),
                            torn -> assertThat(torn).startsWith("record pods/torn: "));
            assertThatThrownBy(pods::all).isInstanceOf(MetadataException.UnreadableRecord.class);
            assertThatThrownBy(() -> pods.get("newer"))
                    .isInstanceOf(MetadataException.UnreadableRecord.class);
        }
    }

    @Test
    void aStoreInUseSaysByWhom() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            assertThat(metadata.spaceState()).isEqualTo(SpaceState.NORMAL);
            assertThatThrownBy(() -> Metadata.open(root.resolve("meta")).close())
                    .isInstanceOf(MetadataException.Locked.class)
                    .hasMessageContaining("held by this process");
        }
    }

    @Test
    void aClosedStoreSaysSo() {
        var metadata = Metadata.open(root.resolve("meta"));
        var pods = metadata.table(PODS);
        metadata.close();
        metadata.close();
        assertThatThrownBy(() -> metadata.commit(new Batch().put(pods, "a", pod("a"))))
                .isInstanceOf(MetadataException.Closed.class);
        assertThatThrownBy(() -> pods.get("a")).isInstanceOf(MetadataException.Closed.class);
    }

    @Test
    void aCheckpointIsAStoreOfItsOwn() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var pods = metadata.table(PODS);
            metadata.commit(new Batch().put(pods, "a", pod("a")));
            metadata.checkpoint(root.resolve("copy"));
            metadata.commit(new Batch().put(pods, "b", pod("b")));
            try (var copy = Metadata.open(root.resolve("copy"))) {
                assertThat(copy.table(PODS).all()).containsOnlyKeys("a");
            }
        }
    }

    @Test
    void aReserveStandsBesideTheStore() throws Exception {
        Metadata.open(root.resolve("meta")).close();
        assertThat(Files.size(root.resolve("meta.reserve"))).isEqualTo(Reserve.SIZE_BYTES);
    }
}
