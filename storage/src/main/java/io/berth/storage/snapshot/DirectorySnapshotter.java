package io.berth.storage.snapshot;

import io.berth.linux.Linux;
import io.berth.linux.step.StepBody;
import io.berth.linux.step.Steps;
import io.berth.storage.layer.LayerApplied;
import io.berth.storage.layer.WhiteoutStyle;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What snapshotters that keep a numbered directory a snapshot share: the lifecycle, and the order
 * of disk and record. Files come first when something is made, the record when something goes; so
 * what a crash leaves is a directory without a record, and the next open sweeps it.
 */
abstract sealed class DirectorySnapshotter implements Snapshotter
        permits OverlaySnapshotter, NativeSnapshotter {
    private static final System.Logger LOG = System.getLogger(DirectorySnapshotter.class.getName());

    final Linux linux;
    final SnapshotFiles files;
    final SnapshotCatalog catalog;
    private final Clock clock;
    private final Map<String, OpenDraft> drafts = new ConcurrentHashMap<>();

    private record OpenDraft(long number, LayerDraft draft) {}

    /** What an open snapshotter stands on. */
    record Parts(Linux linux, Clock clock, SnapshotFiles files, SnapshotCatalog catalog) {}

    DirectorySnapshotter(Parts parts) {
        this.linux = parts.linux();
        this.clock = parts.clock();
        this.files = parts.files();
        this.catalog = parts.catalog();
    }

    /**
     * Reads the records, sweeps directories that none names, and drops records without directory.
     */
    static Parts parts(Path root, Linux linux, Clock clock, SnapshotRecords records) {
        return step(
                "snapshot.sweep",
                root.toString(),
                () -> {
                    var known = new HashSet<Long>();
                    Map<String, SnapshotRecord> all = records.all();
                    all.values().forEach(record -> known.add(record.number()));
                    var files = SnapshotFiles.open(linux, root, Set.copyOf(known));
                    for (Map.Entry<String, SnapshotRecord> entry : all.entrySet()) {
                        if (!files.exists(entry.getValue().number())) {
                            LOG.log(
                                    Level.WARNING,
                                    "snapshot={0} directory={1}: gone; its record is dropped",
                                    entry.getKey(),
                                    entry.getValue().number());
                            records.change(Optional.empty(), Optional.of(entry.getKey()), false);
                        }
                    }
                    return new Parts(linux, clock, files, new SnapshotCatalog(records));
                });
    }

    /** Makes the directory of an active snapshot on top of {@code chain}, nearest first. */
    abstract void makeActive(String key, long number, List<Long> chain) throws IOException;

    /** Makes the directory of a view. */
    abstract void makeView(String key, long number, List<Long> chain) throws IOException;

    /** The mounts of a directory made by one of the two. */
    abstract List<MountSpec> mounts(SnapshotKind kind, long number, List<Long> chain);

    /** Checks that so many layers can be mounted. */
    abstract void checkChain(String key, List<Long> chain);

    /** Makes the directory of a draft. */
    abstract void makeDraft(long number, List<Long> chain) throws IOException;

    /**
     * Gives directories of a draft what they have from their parents; whether its root is opaque.
     */
    abstract boolean settle(Path draft, LayerApplied applied, List<Long> chain) throws IOException;

    @Override
    public List<MountSpec> prepare(SnapshotKey key, Optional<SnapshotName> parent) {
        return make(SnapshotKind.ACTIVE, key.value(), parent);
    }

    @Override
    public List<MountSpec> view(SnapshotKey key, Optional<SnapshotName> parent) {
        return make(SnapshotKind.VIEW, key.value(), parent);
    }

    private List<MountSpec> make(SnapshotKind kind, String key, Optional<SnapshotName> parent) {
        try (var _ = catalog.hold(key);
                var _ = catalog.pin(key, parent)) {
            catalog.requireFree(key);
            Optional<String> below = parent.map(SnapshotName::value);
            List<Long> chain = catalog.chain(key, below);
            checkChain(key, chain);
            long number = files.next();
            step(
                    "snapshot.prepare",
                    key,
                    () ->
                            undoing(
                                    number,
                                    () -> {
                                        if (kind == SnapshotKind.ACTIVE) {
                                            makeActive(key, number, chain);
                                        } else {
                                            makeView(key, number, chain);
                                        }
                                        var record =
                                                new SnapshotRecord(
                                                        kind,
                                                        number,
                                                        below,
                                                        clock.instant(),
                                                        false,
                                                        Optional.empty());
                                        catalog.put(key, record);
                                        return true;
                                    }));
            return mounts(kind, number, chain);
        }
    }

    /** Runs {@code body}; when it fails, its directory goes. */
    private <T> T undoing(long number, StepBody<T> body) throws IOException {
        boolean done = false;
        try {
            T result = body.run();
            done = true;
            return result;
        } finally {
            if (!done) {
                deleteLater(number);
            }
        }
    }

    /** Deletes a directory that no record names; what cannot go now goes at the next open. */
    private void deleteLater(long number) {
        try {
            files.delete(number);
        } catch (IOException left) {
            LOG.log(Level.WARNING, "snapshot directory {0}: not deleted yet", number, left);
        }
    }

    @Override
    public List<MountSpec> mounts(SnapshotKey key) {
        SnapshotRecord record = catalog.get(key.value());
        if (record.kind() == SnapshotKind.COMMITTED) {
            throw new SnapshotException.WrongKind(
                    key.value(), record.kind(), "an active snapshot or a view");
        }
        return mounts(record.kind(), record.number(), catalog.chain(key.value(), record.parent()));
    }

    @Override
    public void commit(SnapshotName name, SnapshotKey key) {
        try (var _ = catalog.hold(key.value());
                var _ = catalog.hold(name.value())) {
            SnapshotRecord active = catalog.get(key.value());
            if (active.kind() != SnapshotKind.ACTIVE) {
                throw new SnapshotException.WrongKind(
                        key.value(), active.kind(), "an active snapshot");
            }
            catalog.requireFree(name.value());
            step(
                    "snapshot.commit",
                    key.value(),
                    () -> {
                        Usage usage = walk(files.fs(active.number()));
                        files.sync();
                        catalog.replace(
                                name.value(),
                                committed(active.number(), active.parent(), false, usage),
                                key.value());
                        files.deleteWork(active.number());
                        return true;
                    });
        }
    }

    private SnapshotRecord committed(
            long number, Optional<String> parent, boolean rootOpaque, Usage usage) {
        return new SnapshotRecord(
                SnapshotKind.COMMITTED,
                number,
                parent,
                clock.instant(),
                rootOpaque,
                Optional.of(usage));
    }

    @Override
    public void remove(String keyOrName) {
        try (var _ = catalog.hold(keyOrName)) {
            Optional<SnapshotRecord> record = catalog.find(keyOrName);
            if (record.isEmpty()) {
                return;
            }
            try (var _ = catalog.leave(keyOrName)) {
                step(
                        "snapshot.remove",
                        keyOrName,
                        () -> {
                            catalog.delete(keyOrName);
                            deleteLater(record.get().number());
                            return true;
                        });
            }
        }
    }

    @Override
    public Optional<SnapshotInfo> stat(String keyOrName) {
        return catalog.find(keyOrName).map(record -> record.info(keyOrName));
    }

    @Override
    public List<SnapshotInfo> list() {
        return catalog.list();
    }

    @Override
    public Usage usage(String keyOrName) {
        SnapshotRecord record = catalog.get(keyOrName);
        if (record.usage().isPresent()) {
            return record.usage().get();
        }
        try {
            return walk(files.fs(record.number()));
        } catch (IOException failed) {
            throw new SnapshotException.Failed(keyOrName, "usage", failed);
        }
    }

    private Usage walk(Path tree) throws IOException {
        try (var directory = files.open(tree)) {
            return new UsageWalk(linux).of(directory);
        }
    }

    @Override
    public LayerDraft draft(String id, Optional<SnapshotName> parent) {
        Identifiers.check("draft id", id);
        boolean onParent = whiteoutStyle() == WhiteoutStyle.DELETE;
        try (var _ = catalog.hold("draft " + id);
                var _ = catalog.pin(id, onParent ? parent : Optional.empty())) {
            if (drafts.containsKey(id)) {
                throw new SnapshotException.AlreadyExists(id, SnapshotKind.ACTIVE);
            }
            long number = files.next();
            return step(
                    "snapshot.draft",
                    id,
                    () -> {
                        List<Long> chain =
                                onParent
                                        ? catalog.chain(id, parent.map(SnapshotName::value))
                                        : List.of();
                        var draft = new LayerDraft(id, parent, files.draft(number));
                        boolean made = false;
                        try {
                            makeDraft(number, chain);
                            made = true;
                        } finally {
                            if (!made) {
                                files.deleteDraft(number);
                            }
                        }
                        drafts.put(id, new OpenDraft(number, draft));
                        return draft;
                    });
        }
    }

    @Override
    public SnapshotName commitDraft(LayerDraft draft, SnapshotName name, LayerApplied applied) {
        try (var _ = catalog.hold("draft " + draft.id());
                var _ = catalog.hold(name.value())) {
            OpenDraft open = drafts.get(draft.id());
            if (open == null || !open.draft().equals(draft)) {
                throw new SnapshotException.NotFound("draft " + draft.id());
            }
            if (catalog.find(name.value()).isPresent()) {
                requireCommitted(name.value());
                discardHeld(open);
                return name;
            }
            try (var _ = catalog.pin(name.value(), draft.parent())) {
                step(
                        "snapshot.commit",
                        name.value(),
                        () -> {
                            commitDraft(open, name, applied);
                            return true;
                        });
            }
            return name;
        }
    }

    private void commitDraft(OpenDraft open, SnapshotName name, LayerApplied applied)
            throws IOException {
        LayerDraft draft = open.draft();
        Optional<String> parent = draft.parent().map(SnapshotName::value);
        List<Long> chain = catalog.chain(name.value(), parent);
        boolean rootOpaque = settle(draft.directory(), applied, chain);
        Usage usage = walk(draft.directory());
        files.adopt(open.number());
        drafts.remove(draft.id());
        undoing(
                open.number(),
                () -> {
                    files.sync();
                    catalog.put(name.value(), committed(open.number(), parent, rootOpaque, usage));
                    return true;
                });
    }

    private void requireCommitted(String name) {
        SnapshotRecord record = catalog.get(name);
        if (record.kind() != SnapshotKind.COMMITTED) {
            throw new SnapshotException.AlreadyExists(name, record.kind());
        }
    }

    @Override
    public void discard(LayerDraft draft) {
        try (var _ = catalog.hold("draft " + draft.id())) {
            OpenDraft open = drafts.get(draft.id());
            if (open != null && open.draft().equals(draft)) {
                discardHeld(open);
            }
        }
    }

    private void discardHeld(OpenDraft open) {
        step(
                "snapshot.discard",
                open.draft().id(),
                () -> {
                    files.deleteDraft(open.number());
                    drafts.remove(open.draft().id());
                    return true;
                });
    }

    /** Runs a step; an I/O failure in it becomes {@code Failed}. */
    private static <T> T step(String name, String subject, StepBody<T> body) {
        try {
            return Steps.run(name, subject, body);
        } catch (IOException failed) {
            throw new SnapshotException.Failed(subject, name, failed);
        }
    }
}
