package io.berth.sandbox.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.storage.metadata.Ledger;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResourcesTest {
    private static final Finding LEAK =
            new Finding(Finding.Verdict.LEAK, ResourceKind.TASK, "key", Finding.UNKNOWN);

    @TempDir Path directory;

    /** Things of one kind, of which a removal reports success whether it succeeds or not. */
    private static final class Things implements Remover {
        private final Set<String> there = new HashSet<>(Set.of("key", "other"));
        private final boolean obedient;

        Things(boolean obedient) {
            this.obedient = obedient;
        }

        @Override
        public void remove(Ledger.Entry entry) {
            if (obedient) {
                there.remove(entry.key());
            }
        }

        @Override
        public Set<String> standing() {
            return Set.copyOf(there);
        }
    }

    @Test
    void aRemovalThatReportsSuccessAndLeavesItsThingIsNoFix() throws IOException {
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var ledger = Ledger.open(metadata);
            ledger.intend(new Ledger.Entry("task", "key", "gone", Instant.EPOCH));
            var resources = resources(ledger, new Things(false));
            var found = resources.audit(_ -> false);
            assertThat(found).extracting(Finding::key).contains("key");
            assertThat(resources.fix(found, _ -> false)).containsExactlyInAnyOrderElementsOf(found);
            assertThat(ledger.find("task", "key")).as("its entry").isPresent();
            assertThat(resources.audit(_ -> false)).containsExactlyInAnyOrderElementsOf(found);
        }
    }

    @Test
    void aThingThatIsGoneIsStruck() throws IOException {
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var ledger = Ledger.open(metadata);
            ledger.intend(new Ledger.Entry("task", "key", "gone", Instant.EPOCH));
            var resources = resources(ledger, new Things(true));
            assertThat(resources.fix(resources.audit(_ -> false), _ -> false)).isEmpty();
            assertThat(ledger.entries()).isEmpty();
            assertThat(resources.audit(_ -> false)).isEmpty();
        }
    }

    @Test
    void aThingWhoseOwnerLivesByNowStays() throws IOException {
        try (var metadata = Metadata.open(directory.resolve("meta"))) {
            var ledger = Ledger.open(metadata);
            var resources = resources(ledger, new Things(true));
            ledger.intend(new Ledger.Entry("task", "key", "new", Instant.EPOCH));
            assertThat(resources.fix(java.util.List.of(LEAK), "new"::equals)).containsExactly(LEAK);
        }
    }

    private static Resources resources(Ledger ledger, Remover tasks) {
        var removers = new EnumMap<ResourceKind, Remover>(ResourceKind.class);
        for (var kind : ResourceKind.values()) {
            removers.put(kind, NONE);
        }
        removers.put(ResourceKind.TASK, tasks);
        return new Resources(ledger, Map.copyOf(removers), Clock.systemUTC());
    }

    private static final Remover NONE =
            new Remover() {
                @Override
                public void remove(Ledger.Entry entry) {
                    throw new AssertionError("nothing here makes " + entry);
                }

                @Override
                public Set<String> standing() {
                    return Set.of();
                }
            };
}
