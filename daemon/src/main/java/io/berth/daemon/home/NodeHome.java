package io.berth.daemon.home;

import io.berth.daemon.config.NodeConfig;
import io.berth.linux.Linux;
import io.berth.linux.socket.SocketFile;
import io.berth.sandbox.claim.StateFolder;
import io.berth.storage.Storage;
import io.berth.storage.metadata.Ledger;
import io.berth.storage.metadata.Metadata;
import io.berth.storage.metadata.MetadataException;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Clock;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The stores below the root, opened together with the state folder that belongs to it. */
public final class NodeHome {
    private static final Logger LOG = System.getLogger(NodeHome.class.getName());

    private final NodeConfig config;
    private final Linux linux;
    private final Clock clock;
    private @Nullable StateFolder state;

    public NodeHome(NodeConfig config, Linux linux, Clock clock) {
        this.config = config;
        this.linux = linux;
        this.clock = clock;
    }

    /** Registers what is to be closed after everything that is opened later. */
    public interface Registry {
        <T extends AutoCloseable> T add(T closeable);
    }

    /**
     * Locks both folders, claims the state folder for the root and opens the stores. Nothing is
     * swept or ended if this fails.
     *
     * @param snapshotters further ones beside the configured one
     * @throws IOException naming what is in the way and what to do
     */
    public Storage open(Set<String> snapshotters, Registry closer) throws IOException {
        Storage storage;
        try {
            storage = openOnce(snapshotters, closer);
        } catch (MetadataException.Corrupt damaged) {
            if (!config.store().salvage()) {
                throw damaged;
            }
            LOG.log(Logger.Level.ERROR, "{0}", damaged.getMessage());
            for (var line : new HomeCare(config, linux, clock).salvage()) {
                LOG.log(Logger.Level.WARNING, "storage.salvage is auto: {0}", line);
            }
            storage = openOnce(snapshotters, closer);
        }
        SocketFile.requireFree(config.socket()); // before anything else is changed
        return storage;
    }

    private Storage openOnce(Set<String> snapshotters, Registry closer) throws IOException {
        return closer.add(
                Storage.open(
                        config.root(),
                        linux,
                        clock,
                        config.images().snapshotter(),
                        snapshotters,
                        (metadata, ledger) -> admit(metadata, ledger, closer)));
    }

    private void admit(Metadata metadata, Ledger ledger, Registry closer) throws IOException {
        var folder = closer.add(StateFolder.lock(config.root(), config.state(), linux));
        var id = folder.take(ledger);
        metadata.copyTo(folder.records(), id);
        state = folder;
    }

    /** What had no record has been ended, if that was ordered. */
    public void settled() {
        var folder = state;
        if (folder != null) {
            try {
                folder.settled();
            } catch (IOException stays) {
                LOG.log(Logger.Level.WARNING, "state " + config.state() + ": forget", stays);
            }
        }
    }
}
