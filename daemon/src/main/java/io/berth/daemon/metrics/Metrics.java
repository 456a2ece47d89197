package io.berth.daemon.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.function.ToDoubleFunction;

/** The daemon's meters. */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** Meters of the JVM and of this build. */
    public Metrics(String version) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        collections.bindTo(registry);
        Gauge.builder("berth.build.info", () -> 1)
                .description("Always 1; the labels say what runs")
                .tags("version", version, "java", Runtime.version().toString())
                .register(registry);
    }

    /** One RPC has been answered. */
    public void rpc(String method, String code, Duration took) {
        Timer.builder("berth.cri.rpc")
                .description("CRI calls answered, by method and gRPC code")
                .tags(Tags.of("method", method, "code", code))
                .register(registry)
                .record(took);
    }

    /** A plugin of the node has been called. */
    public void pluginCall(String plugin, String operation, String outcome, Duration took) {
        Timer.builder("nri.plugin.call")
                .description("Calls of node plugins, by plugin, operation and outcome")
                .tags(Tags.of("plugin", plugin, "operation", operation, "outcome", outcome))
                .register(registry)
                .record(took);
    }

    /** A number that is read from memory at each scrape. */
    public <T> void gauge(
            String name, String description, Tags tags, T source, ToDoubleFunction<T> read) {
        Gauge.builder(name, source, read).description(description).tags(tags).register(registry);
    }

    /** A number that only grows, read from memory at each scrape. */
    public <T> void counter(
            String name, String description, Tags tags, T source, ToDoubleFunction<T> read) {
        FunctionCounter.builder(name, source, read)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** All meters in Prometheus' text format. */
    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
