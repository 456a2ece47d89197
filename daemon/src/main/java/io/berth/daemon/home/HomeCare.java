package io.berth.daemon.home;

import io.berth.cni.AttachmentFiles;
import io.berth.cni.HostLocalFiles;
import io.berth.cni.IpReservation;
import io.berth.daemon.config.NodeConfig;
import io.berth.linux.BootId;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.sandbox.claim.StateFolder;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.salvage.TaskSalvage;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.storage.FolderLock;
import io.berth.storage.metadata.Ledger;
import io.berth.storage.metadata.Metadata;
import io.berth.storage.metadata.StoreSalvage;
import io.berth.storage.snapshot.MountedSnapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What an operator does with root and state while no daemon runs. */
public final class HomeCare {
    private final NodeConfig config;
    private final Linux linux;
    private final Clock clock;

    public HomeCare(NodeConfig config, Linux linux, Clock clock) {
        this.config = config;
        this.linux = linux;
        this.clock = clock;
    }

    /** What is done while both folders are locked. */
    private interface Care<T> {
        T with(StateFolder state) throws IOException;
    }

    /** What is wrong with the store, a line each; changes nothing. */
    public List<String> check() throws IOException {
        return locked(_ -> new StoreSalvage(meta()).check());
    }

    /**
     * Makes a new store of what can be read of the damaged one, which is set aside, and puts on
     * record again what runs and is not among that. Ends nothing.
     *
     * @return what was done, a line each
     */
    public List<String> salvage() throws IOException {
        return locked(
                state -> {
                    var salvaged =
                            new StoreSalvage(meta())
                                    .salvage(state.records(), state.rootId(), true, clock);
                    var lines = new ArrayList<>(report(salvaged));
                    var owner = state.stateId();
                    if (owner.isEmpty() || owner.equals(state.rootId())) {
                        var _ = record(state.live(), lines);
                    }
                    return lines;
                });
    }

    /**
     * Takes the tasks of the state folder into a root that has no pods, by the copy of their
     * records that lies in the state folder, or without one by what is left of the tasks there.
     *
     * @throws IOException if the root has pods of its own
     */
    public List<String> adopt() throws IOException {
        return locked(
                state -> {
                    var id = state.stateId();
                    var live = state.live();
                    if (live.isEmpty()) {
                        return List.of("no task runs there; nothing to adopt");
                    }
                    requireNoPods(state.rootId(), id);
                    var store = new StoreSalvage(meta());
                    var lines = new ArrayList<String>();
                    if (store.copyIsWhole(state.records(), id)) {
                        boolean images = Files.isDirectory(config.root().resolve("content"));
                        lines.addAll(report(store.salvage(state.records(), id, images, clock)));
                    } else {
                        lines.add(
                                "state %s: no copy of the records is there"
                                        .formatted(config.state()));
                    }
                    var left = record(live, lines);
                    if (id.isPresent()) {
                        state.mark(id.get());
                    }
                    lines.add("%d running tasks are this root's now".formatted(live.size() - left));
                    return lines;
                });
    }

    /** A store that an older berth wrote has no id; its pods are in its ledger all the same. */
    private void requireNoPods(Optional<String> rootId, Optional<String> stateId)
            throws IOException {
        boolean foreign = rootId.isPresent() && !rootId.equals(stateId);
        if (foreign || hasPods()) {
            throw new IOException(
                    ("root %s: found pods of its own, wanted a root without any; a root cannot take"
                                    + " the tasks of another beside its own")
                            .formatted(config.root()));
        }
    }

    private boolean hasPods() throws IOException {
        if (!Files.isDirectory(meta())) {
            return false;
        }
        try (var metadata = Metadata.open(meta())) {
            return Ledger.open(metadata).entries().stream()
                    .anyMatch(entry -> entry.kind().equals(ResourceKind.TASK.word()));
        }
    }

    /** Puts tasks that run and have no record on record again; returns how many it cannot. */
    private int record(Set<String> live, List<String> lines) throws IOException {
        var paths = new SandboxPaths(config.root(), config.state());
        var salvage =
                new TaskSalvage(
                        paths,
                        config.pods().cgroupParent(),
                        BootId.read().value(),
                        this::addresses,
                        clock);
        try (var metadata = Metadata.open(meta())) {
            var found = salvage.run(metadata, live);
            if (found.pods() + found.containers() > 0) {
                lines.add(
                        "found %d pods and %d containers that run and had no record; it is made anew"
                                        .formatted(found.pods(), found.containers())
                                + " from their bundles");
            }
            int snapshots =
                    new MountedSnapshots(metadata, config.root(), "overlayfs", clock)
                            .add(paths.bundles());
            if (snapshots > 0) {
                lines.add("found %d mounted snapshots without a record".formatted(snapshots));
            }
            for (var id : found.left()) {
                lines.add("task %s runs, and its bundle does not tell what it is".formatted(id));
            }
            return found.left().size();
        }
    }

    /** What the cache of attachments says, or else what host-local's files do. */
    private List<String> addresses(String sandboxId) throws IOException {
        var cached =
                AttachmentFiles.addresses(
                        config.root().resolve("cni"), new HostFiles(linux), sandboxId);
        if (!cached.isEmpty()) {
            return cached;
        }
        return HostLocalFiles.reservationsIn(config.cni().confDirs()).stream()
                .filter(held -> held.sandboxId().equals(sandboxId))
                .map(IpReservation::ip)
                .toList();
    }

    /** Orders the next daemon to end what it has no record of. */
    public List<String> forget() throws IOException {
        return locked(
                state -> {
                    state.orderToForget();
                    return List.of(
                            "%d tasks run; the next daemon that starts ends those that its root has"
                                            .formatted(state.live().size())
                                    + " no record of");
                });
    }

    private static List<String> report(StoreSalvage.Salvaged salvaged) {
        var lines = new ArrayList<String>();
        salvaged.aside().ifPresent(aside -> lines.add("the old store is at " + aside));
        lines.add(
                salvaged.fromCopy()
                        ? "all records come from their copy in the state folder"
                        : "no copy of the records is in the state folder; what can be read is kept");
        salvaged.families().forEach((name, count) -> lines.add("%s: %d".formatted(name, count)));
        return lines;
    }

    private Path meta() {
        return config.root().resolve("meta");
    }

    private <T> T locked(Care<T> care) throws IOException {
        Files.createDirectories(config.root());
        try (var _ = FolderLock.take(config.root(), "root", linux);
                var state = StateFolder.lock(config.root(), config.state(), linux)) {
            return care.with(state);
        }
    }
}
