package io.berth.storage.lease;

import io.berth.storage.content.Blob;
import io.berth.storage.content.ContentException;
import io.berth.storage.content.ContentStore;
import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotException;
import io.berth.storage.snapshot.SnapshotInfo;
import io.berth.storage.snapshot.SnapshotKind;
import io.berth.storage.snapshot.SnapshotName;
import io.berth.storage.snapshot.Snapshotter;
import io.berth.storage.snapshot.Snapshotters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Removes the blobs and committed snapshots that nothing needs: no root, no lease, no snapshot on
 * top. Active snapshots and views are their owners' to remove.
 *
 * <p>Why it is safe while others work: first a view of the leases is opened, in which a lease that
 * ends meanwhile still counts; then candidates are listed, then roots are asked. What moves between
 * a root and a lease is seen in one of them. Just before each deletion the leases are asked again,
 * and one that wants to hold what is being deleted waits until it is gone.
 */
public final class Collector {
    private static final System.Logger LOG = System.getLogger(Collector.class.getName());
    private final ContentStore content;
    private final Snapshotters snapshotters;
    private final Leases leases;
    private final List<Roots> roots = new CopyOnWriteArrayList<>();
    private final ReentrantLock collecting = new ReentrantLock();
    private volatile boolean complete;

    /** A collector that refuses to work until it knows all roots. */
    public Collector(ContentStore content, Snapshotters snapshotters, Leases leases) {
        this.content = content;
        this.snapshotters = snapshotters;
        this.leases = leases;
    }

    /** Makes one more party known; before {@link #rootsComplete}. */
    public void register(Roots party) {
        if (complete) {
            throw new IllegalStateException(
                    "collector: roots %s come after the last".formatted(party.name()));
        }
        roots.add(party);
    }

    /** Says that all who have roots are registered: from now on it is safe to collect. */
    public void rootsComplete() {
        complete = true;
    }

    /**
     * Collects once; concurrent calls wait for each other.
     *
     * @throws IllegalStateException when roots are not complete yet
     */
    public Collected collect() {
        if (!complete) {
            throw new IllegalStateException(
                    "collector: asked to collect with roots %s only"
                            .formatted(roots.stream().map(Roots::name).toList()));
        }
        collecting.lock();
        try (var view = leases.view()) {
            var blobs = content.blobs().toList();
            var snapshots = new HashMap<Snapshotter, List<SnapshotInfo>>();
            snapshotters.all().forEach(each -> snapshots.put(each, each.list()));
            var sweep = new Sweep(view);
            sweep.blobs(blobs, neededBlobs());
            var needed = neededSnapshots();
            snapshots.forEach((each, listed) -> sweep.snapshots(each, listed, needed));
            return sweep.result();
        } finally {
            collecting.unlock();
        }
    }

    /** Why a blob stays, one line a reason; empty when the next collection removes it. */
    public List<String> explain(Digest digest) {
        var why = new ArrayList<String>();
        try (var view = leases.view()) {
            for (var party : roots) {
                if (party.blobs().contains(digest)) {
                    why.add("root of " + party.name());
                }
            }
            content.committedAt(digest)
                    .ifPresent(at -> explainLeases(view.holding(digest, at), digest, at, why));
        }
        return why;
    }

    /** Why a committed snapshot stays, one line a reason; empty when it is to be removed. */
    public List<String> explain(SnapshotName name) {
        var why = new ArrayList<String>();
        try (var view = leases.view()) {
            for (var party : roots) {
                if (party.snapshots().contains(name)) {
                    why.add("root of " + party.name());
                }
            }
            for (var other : snapshotters.list()) {
                if (other.id().equals(name.value())) {
                    var committed = other.created();
                    explainLeases(view.holding(name, committed), name, committed, why);
                }
                if (other.parent().equals(Optional.of(name))) {
                    why.add("parent of %s %s".formatted(other.kind(), other.id()));
                }
            }
        }
        return why;
    }

    private static void explainLeases(
            List<Lease> holding, Object resource, Instant committed, List<String> why) {
        for (var lease : holding) {
            why.add(
                    lease.holds(resource)
                            ? "held by " + lease
                            : "committed at %s, during %s".formatted(committed, lease));
        }
    }

    private Set<Digest> neededBlobs() {
        var needed = new HashSet<Digest>();
        roots.forEach(party -> needed.addAll(party.blobs()));
        return needed;
    }

    private Set<SnapshotName> neededSnapshots() {
        var needed = new HashSet<SnapshotName>();
        roots.forEach(party -> needed.addAll(party.snapshots()));
        return needed;
    }

    /** One pass over what was listed. */
    private final class Sweep {
        private final Leases.View view;
        private final List<Digest> goneBlobs = new ArrayList<>();
        private final List<SnapshotName> goneSnapshots = new ArrayList<>();
        private final List<String> failed = new ArrayList<>();
        private long goneBytes;

        Sweep(Leases.View view) {
            this.view = view;
        }

        void blobs(List<Blob> candidates, Set<Digest> needed) {
            for (var blob : candidates) {
                var committed = content.committedAt(blob.digest());
                if (!needed.contains(blob.digest()) && committed.isPresent()) {
                    delete(blob, committed.get());
                }
            }
        }

        private void delete(Blob blob, Instant committed) {
            try {
                view.deleteUnlessHeld(
                        blob.digest(),
                        committed,
                        () -> {
                            if (content.deleteIf(blob.digest(), committed::equals)) {
                                goneBlobs.add(blob.digest());
                                goneBytes += blob.sizeBytes();
                            }
                        });
            } catch (ContentException stays) {
                failed.add(stays.getMessage());
            }
        }

        /** Children first: a parent is free once its last child is gone. */
        void snapshots(Snapshotter from, List<SnapshotInfo> candidates, Set<SnapshotName> needed) {
            var children = new HashMap<String, Integer>();
            var byName = new HashMap<String, SnapshotInfo>();
            for (var info : candidates) {
                info.parent().ifPresent(p -> children.merge(p.value(), 1, Integer::sum));
                if (info.kind() == SnapshotKind.COMMITTED) {
                    byName.put(info.id(), info);
                }
            }
            for (var leaf : List.copyOf(byName.values())) {
                removeUpwards(
                        leaf, children, byName, info -> removeUnlessNeeded(from, info, needed));
            }
        }

        private void removeUpwards(
                SnapshotInfo leaf,
                Map<String, Integer> children,
                Map<String, SnapshotInfo> left,
                Predicate<SnapshotInfo> removed) {
            var info = leaf;
            while (info != null
                    && left.containsKey(info.id())
                    && children.getOrDefault(info.id(), 0) == 0
                    && removed.test(info)) {
                left.remove(info.id());
                var parent = info.parent().map(SnapshotName::value).orElse("");
                children.merge(parent, -1, Integer::sum);
                info = left.get(parent);
            }
        }

        /** Removes a snapshot unless it is needed; says whether it is gone. */
        private boolean removeUnlessNeeded(
                Snapshotter from, SnapshotInfo info, Set<SnapshotName> needed) {
            var name = new SnapshotName(info.id());
            if (needed.contains(name)) {
                return false;
            }
            try {
                return view.deleteUnlessHeld(
                        name,
                        info.created(),
                        () -> {
                            from.remove(info.id());
                            goneSnapshots.add(name);
                        });
            } catch (SnapshotException.InUse taken) {
                return false;
            } catch (SnapshotException stays) {
                failed.add(stays.getMessage());
                return false;
            }
        }

        Collected result() {
            for (var line : failed) {
                LOG.log(System.Logger.Level.WARNING, "collector: {0}", line);
            }
            return new Collected(goneBlobs, goneSnapshots, goneBytes, failed);
        }
    }
}
