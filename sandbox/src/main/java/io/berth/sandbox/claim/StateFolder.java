package io.berth.sandbox.claim;

import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.step.Steps;
import io.berth.storage.FolderLock;
import io.berth.storage.metadata.Ledger;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A state folder that this process has locked, beside the root that it is to belong to.
 *
 * <p>The root's id is written before the state folder's: a crash in between leaves a state folder
 * without an id, which belongs to the root that knows its tasks.
 */
public final class StateFolder implements Closeable {
    private static final Logger LOG = System.getLogger(StateFolder.class.getName());
    private static final Pattern ID = Pattern.compile("[0-9a-f-]{36}");
    private static final int MAX_ID_BYTES = 64;

    private final Path root;
    private final Path state;
    private final HostFiles files;
    private final FolderLock lock;

    private StateFolder(Path root, Path state, HostFiles files, FolderLock lock) {
        this.root = root;
        this.state = state;
        this.files = files;
        this.lock = lock;
    }

    /**
     * Locks the state folder; it is made if it is missing.
     *
     * @throws io.berth.storage.StorageLocked when another process has it, naming that
     */
    public static StateFolder lock(Path root, Path state, Linux linux) throws IOException {
        var files = new HostFiles(linux);
        Steps.run(
                "state.create",
                state.toString(),
                () -> {
                    files.createDirectories(state, 0711);
                    return true;
                });
        return new StateFolder(root, state, files, FolderLock.take(state, "state", linux));
    }

    /**
     * Takes the state folder for the root, or refuses.
     *
     * @param ledger the root's, which names every task that the root has started
     * @return the root's id
     * @throws ClaimException if tasks run there that the ledger does not name
     */
    public String take(Ledger ledger) throws IOException {
        var owners = ledger.entries().stream().map(Ledger.Entry::owner).collect(Collectors.toSet());
        var unknown = new HashSet<>(live());
        unknown.removeAll(owners);
        var rootId = rootId();
        boolean forget = Files.exists(order());
        var claim =
                Claim.of(
                        new Claim.Root(rootId, hasPods(ledger)),
                        new Claim.State(stateId(), unknown, forget));
        switch (claim) {
            case Claim.Refused(var why) -> throw new ClaimException(why, root, state, unknown);
            case Claim.Taken _ -> {
                if (forget) {
                    LOG.log(
                            Logger.Level.WARNING,
                            "state {0}: {1} tasks without a record are ended, as ordered",
                            state,
                            Integer.toString(unknown.size()));
                }
            }
        }
        var id = rootId.or(this::stateId).orElseGet(() -> UUID.randomUUID().toString());
        mark(id);
        return id;
    }

    private static boolean hasPods(Ledger ledger) {
        return ledger.entries().stream().anyMatch(entry -> entry.kind().equals("task"));
    }

    /** Gives root and state folder the same id, the root first. */
    public void mark(String id) throws IOException {
        write(root.resolve("id"), id, true);
        write(state.resolve("id"), id, false);
    }

    private void write(Path file, String id, boolean lasting) throws IOException {
        if (read(file).filter(id::equals).isPresent()) {
            return;
        }
        byte[] text = (id + "\n").getBytes(StandardCharsets.US_ASCII);
        Steps.run(
                "state.claim",
                file.toString(),
                () -> {
                    if (lasting) {
                        files.write(file, text, 0600);
                    } else {
                        files.writeForThisBoot(file, text, 0600);
                    }
                    return true;
                });
    }

    /** The tasks that run out of it, by their ids. */
    public Set<String> live() throws IOException {
        return new LiveTasks(state.resolve("bundles")).ids();
    }

    /** The root's id, if it has one. */
    public Optional<String> rootId() {
        return read(root.resolve("id"));
    }

    /** The id of the root that has taken the state folder last. */
    public Optional<String> stateId() {
        return read(state.resolve("id"));
    }

    private static Optional<String> read(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_ID_BYTES) {
                return Optional.empty();
            }
            var text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
            return ID.matcher(text).matches() ? Optional.of(text) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** Orders that the next daemon ends the tasks that it does not know. */
    public void orderToForget() throws IOException {
        Steps.run(
                "state.forget",
                order().toString(),
                () -> {
                    files.writeForThisBoot(order(), new byte[0], 0600);
                    return true;
                });
    }

    /** The order is carried out, or there was none. */
    public void settled() throws IOException {
        Steps.run("state.settled", order().toString(), () -> files.deleteIfExists(order()));
    }

    private Path order() {
        return state.resolve("forget");
    }

    /** Where the copy of the root's records lies. */
    public Path records() {
        return state.resolve("records");
    }

    @Override
    public void close() {
        lock.close();
    }
}
