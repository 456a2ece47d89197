package io.berth.cni;

import io.berth.cni.ConfFolders.Loaded;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps the loaded networks and their status fresh: one thread reads the folders on file events and
 * at every poll, another asks the plugins. Readers get the last of each without waiting.
 */
final class NetworkWatch implements Closeable {
    private static final Logger LOG = System.getLogger(NetworkWatch.class.getName());

    /** File events come in bursts: a file is made, written, closed, renamed. */
    private static final Duration SETTLE = Duration.ofMillis(50);

    private final ConfFolders folders;
    private final StatusCheck check;
    private final CniConfig config;
    private final FolderEvents events;
    private final Semaphore sampleWanted = new Semaphore(0);
    private volatile Loaded loaded = Loaded.NOTHING;
    private volatile NetworkStatus status;
    private volatile Consumer<NetworkStatus> listener = sampled -> {};
    private volatile boolean closed;

    NetworkWatch(CniConfig config, ConfFolders folders, StatusCheck check, Clock clock) {
        this.config = config;
        this.folders = folders;
        this.check = check;
        this.events = new FolderEvents(config.confDirs());
        this.status = NetworkStatus.notReady("network configuration not read yet", clock.instant());
    }

    void start() {
        reload();
        Thread.ofPlatform().daemon().name("cni-watch").start(this::watch);
        Thread.ofPlatform().daemon().name("cni-status").start(this::sample);
    }

    Loaded loaded() {
        return loaded;
    }

    NetworkStatus status() {
        return status;
    }

    /** Told of every sample, on the sampling thread. */
    void onStatus(Consumer<NetworkStatus> newListener) {
        listener = newListener;
    }

    /** Reads the folders now; asks for a sample when something changed. */
    synchronized Loaded reload() {
        var before = loaded;
        var now = folders.load();
        if (!now.equals(before)) {
            loaded = now;
            report(before, now);
            sampleWanted.release();
        }
        return now;
    }

    private static void report(Loaded before, Loaded now) {
        for (var network : now.networks()) {
            if (!before.networks().contains(network)) {
                LOG.log(
                        Level.INFO,
                        "network={0} cniVersion={1} plugins={2} loaded",
                        network.name(),
                        network.version(),
                        network.plugins().stream().map(PluginConf::type).toList());
            }
        }
        for (var problem : now.problems()) {
            if (!before.problems().contains(problem)) {
                LOG.log(Level.WARNING, "network configuration left out: {0}", problem);
            }
        }
    }

    private void watch() {
        try (events) {
            while (!closed) {
                if (events.await(config.timeouts().poll())) {
                    events.settle(SETTLE);
                }
                reload();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException closing) {
            LOG.log(Level.DEBUG, "closing the watch of network folders", closing);
        }
    }

    private void sample() {
        long interval = config.timeouts().statusInterval().toMillis();
        try {
            while (!closed) {
                sampleWanted.drainPermits();
                var sampled = check.sample(loaded);
                if (sampled.ready() != status.ready()
                        || !sampled.message().equals(status.message())) {
                    LOG.log(
                            sampled.ready() ? Level.INFO : Level.WARNING,
                            "networkReady={0} {1}",
                            sampled.ready(),
                            sampled.message());
                }
                status = sampled;
                listener.accept(sampled);
                if (sampleWanted.tryAcquire(interval, TimeUnit.MILLISECONDS)) {
                    sampleWanted.drainPermits();
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        sampleWanted.release();
        events.close();
    }
}
