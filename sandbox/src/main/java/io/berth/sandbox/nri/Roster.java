package io.berth.sandbox.nri;

import io.berth.nri.v1.Empty;
import io.berth.nri.v1.UpdateContainersRequest;
import io.berth.nri.v1.UpdateContainersResponse;
import io.berth.sandbox.SandboxException;
import io.berth.shimclient.ttrpc.StatusCode;
import io.berth.shimclient.ttrpc.TtrpcException;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which plugins there are, and whose turn it is: one hook at a time, or one plugin's
 * synchronization. A turn lasts as long as the plugins' timeouts allow, not longer.
 */
final class Roster implements Closeable {
    private static final Logger LOG = System.getLogger(Roster.class.getName());

    /** More connections at a time are turned away. */
    private static final int MAX_PLUGINS = 32;

    private final NriSettings settings;
    private final World world;
    private final CallObserver observer;
    private final Requests requests;
    private final ReentrantLock turn = new ReentrantLock(true);
    private final Semaphore places = new Semaphore(MAX_PLUGINS);

    /** Plugins of the folder that have been started and have not ended. */
    private final Set<PluginName> launched = ConcurrentHashMap.newKeySet();

    private final CompletableFuture<Void> folderDone = new CompletableFuture<>();

    /** By rising index; replaced as a whole, under the turn or by a plugin's end. */
    private volatile List<Plugin> plugins = List.of();

    private volatile boolean closing;
    private volatile @Nullable PluginSocket socket;
    private volatile @Nullable PluginPrograms programs;

    Roster(NriSettings settings, World world, CallObserver observer, Requests requests) {
        this.settings = settings;
        this.world = world;
        this.observer = observer;
        this.requests = requests;
    }

    /** Plugins that take part, by rising index. */
    List<Plugin> all() {
        return plugins;
    }

    /** The right to call plugins; given back by closing it. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits for the plugins of the folder to be there, and for the turn. */
    Turn turn() {
        folderDone.join();
        turn.lock();
        return turn::unlock;
    }

    void start(PluginPrograms starts, String version) {
        programs = starts;
        Thread.ofVirtual()
                .name("nri-start")
                .start(
                        () -> {
                            try {
                                launchAll(starts, version);
                            } finally {
                                folderDone.complete(null);
                            }
                            listen(version);
                        });
    }

    private void launchAll(PluginPrograms starts, String version) {
        try {
            starts.endEarlier();
        } catch (IOException e) {
            LOG.log(
                    Logger.Level.ERROR,
                    "nri plugin of an earlier daemon stays: {0}",
                    e.getMessage());
        }
        for (var found :
                new PluginFolder(settings.pluginFolder(), settings.configFolder()).plugins()) {
            var name = found.name();
            try {
                launched.add(name);
                var plugin = over(starts.launch(name, found.program()), Optional.of(name));
                enter(plugin, found.config(), version);
            } catch (IOException | SandboxException failure) {
                LOG.log(
                        Logger.Level.ERROR,
                        "nri plugin={0} not started: {1}",
                        name,
                        failure.getMessage());
                endProcess(name);
            }
        }
    }

    private void listen(String version) {
        if (!settings.acceptsConnections() || closing) {
            return;
        }
        try {
            var listening = PluginSocket.bind(settings.socket());
            socket = listening;
            if (closing) {
                listening.close();
                return;
            }
            listening.accept(
                    channel ->
                            Thread.ofVirtual()
                                    .name("nri-plugin")
                                    .start(() -> connected(channel, version)));
        } catch (IOException e) {
            LOG.log(
                    Logger.Level.ERROR,
                    "nri socket {0}: no plugin can connect: {1}",
                    settings.socket(),
                    e.getMessage());
        }
    }

    private void connected(SocketChannel channel, String version) {
        if (!places.tryAcquire()) {
            LOG.log(Logger.Level.WARNING, "nri: {0} plugins, no more taken", MAX_PLUGINS);
            closeQuietly(channel);
            return;
        }
        var plugin = over(channel, Optional.empty());
        try {
            enter(plugin, "", version);
        } catch (SandboxException failure) {
            LOG.log(Logger.Level.WARNING, "{0}", failure.getMessage());
        }
    }

    private Plugin over(SocketChannel channel, Optional<PluginName> started) {
        return Plugin.over(
                channel,
                started,
                settings,
                observer,
                new Plugin.Listener() {
                    @Override
                    public UpdateContainersResponse updateContainers(
                            Plugin plugin, UpdateContainersRequest request) {
                        try {
                            return requests.unasked(request);
                        } catch (SandboxException.Failed failure) {
                            throw new TtrpcException.Refused(
                                    StatusCode.UNAVAILABLE, String.valueOf(failure.getMessage()));
                        }
                    }

                    @Override
                    public void closed(Plugin plugin) {
                        left(plugin, started);
                    }
                });
    }

    /**
     * Registers, configures and synchronizes a plugin, in whose course it is closed if it fails.
     */
    private void enter(Plugin plugin, String config, String version) {
        plugin.introduce(config, version);
        turn.lock();
        try {
            var updates =
                    Synchronization.run(
                            plugin,
                            world.pods(),
                            world.containers(),
                            settings.registrationTimeout());
            add(plugin);
            var _ = requests.take(List.of(), updates);
        } catch (SandboxException failure) {
            plugin.close();
            throw failure;
        } finally {
            turn.unlock();
        }
        LOG.log(Logger.Level.INFO, "nri plugin={0} connected and synchronized", plugin.name());
    }

    private synchronized void add(Plugin plugin) {
        if (plugin.isClosed()) {
            return;
        }
        var more = new ArrayList<>(plugins);
        more.add(plugin);
        more.sort(Comparator.comparing(Plugin::name));
        plugins = List.copyOf(more);
    }

    private synchronized void left(Plugin plugin, Optional<PluginName> started) {
        plugins = plugins.stream().filter(each -> each != plugin).toList();
        if (started.isEmpty()) {
            places.release();
        } else if (!closing) {
            Thread.ofVirtual()
                    .name("nri-end-" + started.get())
                    .start(() -> endProcess(started.get()));
        }
    }

    private void endProcess(PluginName name) {
        var ends = programs;
        try {
            if (ends != null) {
                ends.end(name);
                launched.remove(name);
            }
        } catch (IOException e) {
            LOG.log(Logger.Level.ERROR, "nri plugin={0} not ended: {1}", name, e.getMessage());
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Logger.Level.DEBUG, "nri: {0}", e.toString());
        }
    }

    /** Tells all plugins to shut down, as long as one answer may take, and ends them. */
    @Override
    public void close() {
        closing = true;
        folderDone.complete(null);
        var listening = socket;
        try {
            if (listening != null) {
                listening.close();
            }
        } catch (IOException e) {
            LOG.log(Logger.Level.WARNING, "nri socket {0}: {1}", settings.socket(), e.toString());
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var plugin : plugins) {
                threads.execute(() -> shutDown(plugin));
            }
        }
        List.copyOf(launched).forEach(this::endProcess);
    }

    private void shutDown(Plugin plugin) {
        try {
            var _ =
                    plugin.call(
                            "Shutdown",
                            Empty.getDefaultInstance(),
                            Empty.parser(),
                            settings.requestTimeout());
        } catch (SandboxException | Plugin.Unimplemented refused) {
            LOG.log(Logger.Level.DEBUG, "nri plugin={0}: {1}", plugin.name(), refused.getMessage());
        }
        plugin.close();
    }
}
