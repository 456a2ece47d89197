package io.berth.daemon;

import io.berth.daemon.config.NodeConfig;
import io.berth.daemon.metrics.Metrics;
import io.berth.sandbox.nri.ContainerChanges;
import io.berth.sandbox.nri.DeviceSource;
import io.berth.sandbox.nri.NoNri;
import io.berth.sandbox.nri.Nri;
import io.berth.sandbox.nri.NriPlugins;
import io.berth.sandbox.nri.PluginPrograms;
import io.berth.sandbox.nri.World;
import io.berth.sandbox.spec.HostLimits;
import io.micrometer.core.instrument.Tags;
import java.util.Optional;

/** The node's plugins, if the configuration has them enabled. */
final class Plugins implements AutoCloseable {
    private final Optional<NriPlugins> enabled;
    private final PluginPrograms programs;

    Plugins(
            NodeConfig config,
            HostLimits limits,
            DeviceSource devices,
            World world,
            Metrics metrics,
            PluginPrograms programs) {
        this.programs = programs;
        this.enabled =
                config.nri().enable()
                        ? Optional.of(
                                new NriPlugins(
                                        Settings.nri(config),
                                        limits,
                                        devices,
                                        world,
                                        metrics::pluginCall))
                        : Optional.empty();
        enabled.ifPresent(
                plugins ->
                        metrics.gauge(
                                "nri.plugins",
                                "Plugins that are connected and synchronized",
                                Tags.empty(),
                                plugins,
                                NriPlugins::connected));
    }

    Nri nri() {
        return enabled.<Nri>map(plugins -> plugins).orElseGet(NoNri::new);
    }

    /** Takes what plugins ask for to where it is done. */
    Plugins serve(ContainerChanges changes) {
        enabled.ifPresent(plugins -> plugins.serve(changes));
        return this;
    }

    /** Starts the plugins of the folder and listens for others; returns at once. */
    void start() {
        enabled.ifPresent(plugins -> plugins.start(programs, Version.current()));
    }

    @Override
    public void close() {
        enabled.ifPresent(NriPlugins::close);
    }
}
