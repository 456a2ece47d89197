package io.berth.daemon.home;

import io.berth.daemon.config.NodeConfig;
import io.berth.linux.Linux;
import io.berth.sandbox.claim.StateFolder;
import io.berth.storage.FolderLock;
import io.berth.storage.metadata.StoreSalvage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

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
     * Makes a new store of what can be read of the damaged one, which is set aside. Ends nothing.
     *
     * @return what was done, a line each
     */
    public List<String> salvage() throws IOException {
        return locked(
                state ->
                        report(
                                new StoreSalvage(meta())
                                        .salvage(state.records(), state.rootId(), true, clock)));
    }

    /**
     * Takes the tasks of the state folder into a root that has no pods, by the copy of their
     * records that lies in the state folder.
     *
     * @throws IOException if there is no copy, or the root has pods of its own
     */
    public List<String> adopt() throws IOException {
        return locked(
                state -> {
                    var id = state.stateId();
                    var live = state.live();
                    if (live.isEmpty()) {
                        return List.of("no task runs there; nothing to adopt");
                    }
                    var store = new StoreSalvage(meta());
                    if (!store.copyIsWhole(state.records(), id)) {
                        throw new IOException(
                                ("state %s: found no copy of its records, which an older berth did"
                                                + " not keep; use the root that the tasks belong to, or end"
                                                + " them with \"berth state forget\"")
                                        .formatted(config.state()));
                    }
                    if (state.rootId().isPresent() && !state.rootId().equals(id)) {
                        throw new IOException(
                                ("root %s: found pods of its own, wanted a root without any; a root"
                                                + " cannot take the tasks of another beside its own")
                                        .formatted(config.root()));
                    }
                    boolean images = Files.isDirectory(config.root().resolve("content"));
                    var lines =
                            new ArrayList<>(
                                    report(store.salvage(state.records(), id, images, clock)));
                    state.mark(id.orElseThrow());
                    lines.add("%d running tasks are this root's now".formatted(live.size()));
                    return lines;
                });
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
