package io.berth.storage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    @TempDir Path root;

    private static Ledger.Entry entry(String kind, String key, String owner) {
        return new Ledger.Entry(kind, key, owner, NOW);
    }

    @Test
    void whatIsIntendedIsThereAfterAReopenUntilItIsStruckOut() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var ledger = Ledger.open(metadata);
            ledger.intend(entry("netns", "/run/netns/a", "pod-a"));
            ledger.intend(
                    List.of(
                            entry("shim", "/run/bundles/a", "pod-a"),
                            entry("cni", "a/eth0", "pod-a"),
                            entry("netns", "/run/netns/b", "pod-b")));
            ledger.note("shim", "/run/bundles/a", Map.of("pid", "17"));
            ledger.note("shim", "/run/bundles/a", Map.of("start", "4711"));
            ledger.strike("cni", "a/eth0");
            ledger.strike("cni", "a/eth0");
        }
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var ledger = Ledger.open(metadata);
            assertThat(ledger.of("pod-a"))
                    .containsExactly(
                            entry("netns", "/run/netns/a", "pod-a"),
                            new Ledger.Entry(
                                    "shim",
                                    "/run/bundles/a",
                                    "pod-a",
                                    NOW,
                                    Map.of("pid", "17", "start", "4711")));
            ledger.strike(ledger.of("pod-a"));
            assertThat(ledger.entries()).containsExactly(entry("netns", "/run/netns/b", "pod-b"));
        }
    }

    @Test
    void anotherOwnersEntryIsNotTakenOver() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var ledger = Ledger.open(metadata);
            ledger.intend(entry("netns", "/run/netns/a", "pod-a"));
            ledger.intend(entry("netns", "/run/netns/a", "pod-a"));
            assertThatThrownBy(() -> ledger.intend(entry("netns", "/run/netns/a", "pod-b")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("ledger netns//run/netns/a: owned by pod-a, wanted by pod-b");
            assertThatThrownBy(() -> ledger.note("netns", "/run/netns/x", Map.of()))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aBatchChangesTheLedgerTogetherWithARecord() {
        var family = new Family<>("names", 1, Name.class);
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var ledger = Ledger.open(metadata);
            var names = metadata.table(family);
            var batch = new Batch().grows().put(names, "a", new Name("a"));
            ledger.intend(batch, entry("netns", "/run/netns/a", "a"));
            assertThat(ledger.entries()).isEmpty();
            metadata.commit(batch);
            assertThat(ledger.entries()).hasSize(1);
            metadata.commit(ledger.strike(new Batch(), "netns", "/run/netns/a").delete(names, "a"));
            assertThat(ledger.find("netns", "/run/netns/a")).isEmpty();
            assertThat(names.all()).isEmpty();
        }
    }

    record Name(String value) {}
}
