package io.berth.storage.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.LinuxCalls;
import io.berth.storage.content.ContentStore;
import io.berth.storage.content.Digest;
import io.berth.storage.metadata.Ledger;
import io.berth.storage.metadata.Metadata;
import io.berth.storage.snapshot.NativeSnapshotter;
import io.berth.storage.snapshot.OverlaySnapshotter;
import io.berth.storage.snapshot.SnapshotInfo;
import io.berth.storage.snapshot.SnapshotKey;
import io.berth.storage.snapshot.SnapshotName;
import io.berth.storage.snapshot.Snapshotter;
import io.berth.storage.snapshot.Snapshotters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CollectorTest {
    private static final long SEED = Long.getLong("berth.test.seed", 20261121L);
    @TempDir Path root;
    private final Ticks clock = new Ticks();
    private final KnownRoots roots = new KnownRoots();
    private Metadata metadata;
    private ContentStore content;
    private Snapshotter snapshotter;
    private Snapshotter other;
    private Leases leases;
    private Collector collector;

    /** Moves on a second with every look at it. */
    private static final class Ticks extends Clock {
        private Instant now = Instant.now();

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public synchronized Instant instant() {
            now = now.plus(Duration.ofSeconds(1));
            return now;
        }
    }

    private static final class KnownRoots implements Roots {
        private final Set<Digest> blobs = ConcurrentHashMap.newKeySet();
        private final Set<SnapshotName> snapshots = ConcurrentHashMap.newKeySet();
        private volatile Runnable beforeBlobs = () -> {};

        @Override
        public String name() {
            return "test";
        }

        @Override
        public Set<Digest> blobs() {
            beforeBlobs.run();
            return Set.copyOf(blobs);
        }

        @Override
        public Set<SnapshotName> snapshots() {
            return Set.copyOf(snapshots);
        }
    }

    @BeforeEach
    void open() {
        metadata = Metadata.open(root.resolve("meta"));
        content = ContentStore.open(root.resolve("content"), Ledger.open(metadata), clock);
        snapshotter =
                NativeSnapshotter.open(
                        root.resolve("snapshots"), new LinuxCalls(), clock, metadata);
        other = OverlaySnapshotter.open(root.resolve("others"), new LinuxCalls(), clock, metadata);
        leases = Leases.open(metadata, clock);
        collector = new Collector(content, snapshotters(), leases);
        collector.register(roots);
        collector.rootsComplete();
    }

    @AfterEach
    void close() {
        content.close();
        metadata.close();
    }

    private Snapshotters snapshotters() {
        return new Snapshotters("native", Map.of("native", snapshotter, "other", other));
    }

    private Digest commit(String text) {
        try (var ingest = content.ingest(text, OptionalLong.empty(), Optional.empty())) {
            ingest.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            return ingest.commit().digest();
        }
    }

    private SnapshotName commitSnapshot(String name, Optional<SnapshotName> parent) {
        return commitSnapshot(snapshotter, name, parent);
    }

    private static SnapshotName commitSnapshot(
            Snapshotter to, String name, Optional<SnapshotName> parent) {
        var key = new SnapshotKey("key-of-" + name);
        to.prepare(key, parent);
        var committed = new SnapshotName(name);
        to.commit(committed, key);
        return committed;
    }

    @Test
    void whatNothingNeedsIsRemovedAndTheRestIsExplained() {
        var needed = commit("needed");
        var held = commit("held");
        var unneeded = commit("unneeded");
        roots.blobs.add(needed);
        leases.acquire("pull-1", "image-1");
        leases.hold("pull-1", held);
        assertThat(collector.explain(needed)).containsExactly("root of test");
        assertThat(collector.explain(held))
                .singleElement()
                .asString()
                .startsWith("held by lease pull-1 of image-1 since ");
        assertThat(collector.explain(unneeded)).isEmpty();
        var collected = collector.collect();
        assertThat(collected.blobs()).containsExactly(unneeded);
        assertThat(collected.blobBytes()).isEqualTo(8);
        assertThat(content.find(needed)).isPresent();
        leases.release("pull-1");
        assertThat(collector.collect().blobs()).containsExactly(held);
        assertThat(collector.collect().blobs()).isEmpty();
    }

    @Test
    void parentsAndWhatIsInUseStay() {
        var base = commitSnapshot("base", Optional.empty());
        var middle = commitSnapshot("middle", Optional.of(base));
        var top = commitSnapshot("top", Optional.of(middle));
        var side = commitSnapshot("side", Optional.of(base));
        roots.snapshots.add(top);
        snapshotter.prepare(new SnapshotKey("container"), Optional.of(side));
        assertThat(collector.collect().snapshots()).isEmpty();
        assertThat(collector.explain(side)).containsExactly("parent of ACTIVE container");
        assertThat(collector.explain(top)).containsExactly("root of test");
        snapshotter.remove("container");
        assertThat(collector.collect().snapshots()).containsExactly(side);
        roots.snapshots.clear();
        assertThat(collector.collect().snapshots()).containsExactly(top, middle, base);
        assertThat(snapshotter.list()).isEmpty();
    }

    @Test
    void eachSnapshotterIsCollectedByItsOwnUsers() {
        var top = commitSnapshot("top", Optional.empty());
        commitSnapshot(other, "top", Optional.empty());
        roots.snapshots.add(top);
        assertThat(collector.collect().snapshots()).isEmpty();
        other.prepare(new SnapshotKey("container"), Optional.of(top));
        assertThat(collector.explain(top))
                .containsExactly("root of test", "parent of ACTIVE container");
        roots.snapshots.clear();
        assertThat(collector.collect().snapshots()).containsExactly(top);
        assertThat(snapshotter.list()).isEmpty();
        assertThat(other.list()).hasSize(2);
        other.remove("container");
        assertThat(collector.collect().snapshots()).containsExactly(top);
        assertThat(other.list()).isEmpty();
    }

    @Test
    void whatIsCommittedDuringALeaseStaysUntilItEnds() {
        leases.acquire("pull-1", "image-1");
        var blob = commit("not named before");
        var snapshot = commitSnapshot("not-named", Optional.empty());
        assertThat(collector.collect().blobs()).isEmpty();
        assertThat(collector.explain(blob))
                .singleElement()
                .asString()
                .contains("during lease pull-1");
        assertThat(collector.explain(snapshot)).hasSize(1);
        leases.release("pull-1");
        var collected = collector.collect();
        assertThat(collected.blobs()).containsExactly(blob);
        assertThat(collected.snapshots()).containsExactly(snapshot);
    }

    @Test
    void leasesSurviveAReopen() {
        var held = commit("held");
        leases.acquire("pull-1", "image-1");
        leases.hold("pull-1", List.of(held), List.of(new SnapshotName("sha256:x")));
        close();
        open();
        assertThat(leases.acquire("pull-1", "image-1").blobs()).containsExactly(held);
        assertThatThrownBy(() -> leases.acquire("pull-1", "image-2"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("wanted by image-2");
        assertThat(collector.collect().blobs()).isEmpty();
        leases.release("pull-1");
        leases.release("pull-1");
        assertThatThrownBy(() -> leases.hold("pull-1", held))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("lease pull-1: not open");
        close();
        open();
        assertThat(leases.all()).isEmpty();
    }

    @Test
    void nothingIsCollectedBeforeAllRootsAreKnown() {
        var early = new Collector(content, snapshotters(), leases);
        early.register(roots);
        assertThatThrownBy(early::collect)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("collector: asked to collect with roots [test] only");
    }

    @Test
    void aLeaseThatEndsDuringTheMarkStillCounts() {
        leases.acquire("pull-1", "image-1");
        var blob = commit("moving");
        leases.hold("pull-1", blob);
        // The root is read just before the image appears; the lease is released before the sweep.
        roots.beforeBlobs = () -> leases.release("pull-1");
        assertThat(collector.collect().blobs()).isEmpty();
        roots.blobs.add(blob);
        roots.beforeBlobs = () -> {};
        assertThat(collector.collect().blobs()).isEmpty();
    }

    @Test
    void aCommitDuringTheMarkIsSafe() {
        var old = commit("old, wanted again by a pull that begins during the mark");
        leases.acquire("pull-1", "image-1");
        var fresh = new HashSet<Digest>();
        roots.beforeBlobs =
                () -> {
                    leases.hold("pull-1", old);
                    fresh.add(commit("fresh"));
                };
        assertThat(collector.collect().blobs()).isEmpty();
        assertThat(content.find(old)).isPresent();
        assertThat(content.find(fresh.iterator().next())).isPresent();
    }

    @Test
    void aHoldWaitsForADeletionThatHasBegun() throws Exception {
        var blob = commit("contended");
        var begun = new CountDownLatch(1);
        var finish = new CountDownLatch(1);
        leases.acquire("pull-1", "image-1");
        var committed = content.committedAt(blob).orElseThrow();
        try (var view = leases.view();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var deletion =
                    threads.submit(
                            () ->
                                    view.deleteUnlessHeld(
                                            blob,
                                            committed.minusSeconds(60),
                                            () -> {
                                                begun.countDown();
                                                awaitUninterruptibly(finish);
                                                content.delete(blob);
                                            }));
            begun.await();
            var found =
                    threads.submit(
                            () -> {
                                leases.hold("pull-1", blob);
                                return content.find(blob).isPresent();
                            });
            assertThat(found.isDone()).isFalse();
            finish.countDown();
            assertThat(deletion.get()).isTrue();
            assertThat(found.get()).isFalse();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException ended) {
            throw new IllegalStateException(ended);
        }
    }

    @Test
    void pullsAndCollectionsAtTheSameTimeLoseNothing() throws Exception {
        var done = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var collections =
                    threads.submit(
                            () -> {
                                int times = 0;
                                while (!done.get()) {
                                    collector.collect();
                                    times++;
                                }
                                return times;
                            });
            var pulls =
                    threads.invokeAll(List.of(() -> pull("a"), () -> pull("b"), () -> pull("c")));
            for (var pull : pulls) {
                assertThat(pull.get()).isEqualTo(true);
            }
            done.set(true);
            assertThat(collections.get()).isPositive();
        }
        roots.blobs.clear();
        collector.collect();
        assertThat(content.blobs()).isEmpty();
    }

    /** Names, commits or finds, turns into a root, releases; later drops the root again. */
    private boolean pull(String who) {
        var random = new Random(SEED + who.hashCode());
        for (int i = 0; i < 60; i++) {
            var text = "shared blob " + random.nextInt(4);
            var digest = Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
            var lease = who + "-" + i;
            leases.acquire(lease, who);
            leases.hold(lease, digest);
            if (content.find(digest).isEmpty()) {
                commitOrJoin(text, who);
            }
            assertThat(content.find(digest)).as("seed %d, %s, held", SEED, lease).isPresent();
            roots.blobs.add(digest);
            leases.release(lease);
            roots.blobs.remove(digest);
        }
        return true;
    }

    private void commitOrJoin(String text, String who) {
        try (var ingest =
                content.ingest(text + " of " + who, OptionalLong.empty(), Optional.empty())) {
            ingest.restart();
            ingest.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            ingest.commit();
        }
    }

    @Test
    void onlyCommittedSnapshotsAreCandidates() {
        snapshotter.prepare(new SnapshotKey("active"), Optional.empty());
        assertThat(collector.collect().snapshots()).isEmpty();
        assertThat(snapshotter.list()).extracting(SnapshotInfo::id).containsExactly("active");
        snapshotter.remove("active");
    }
}
