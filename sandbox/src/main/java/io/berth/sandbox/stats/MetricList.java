package io.berth.sandbox.stats;

import io.berth.cri.v1.Metric;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Collects the metrics of one pod or container, whose labels all of them bear. */
final class MetricList {
    private final List<String> labels;
    private final List<Metric> metrics = new ArrayList<>();

    private MetricList(List<String> labels) {
        this.labels = labels;
    }

    static MetricList of(PodSandbox pod) {
        var name = pod.brief().getMetadata();
        return new MetricList(
                List.of(name.getName(), name.getNamespace(), "", pod.id().value(), ""));
    }

    static MetricList of(PodSandbox pod, Container container) {
        var name = pod.brief().getMetadata();
        var image = container.brief().getImage();
        var written = image.getUserSpecifiedImage();
        return new MetricList(
                List.of(
                        name.getName(),
                        name.getNamespace(),
                        container.brief().getMetadata().getName(),
                        container.id().value(),
                        written.isEmpty() ? image.getImage() : written));
    }

    /** Adds a value that was read just now. */
    void add(MetricName name, long value, String... more) {
        addOf(0, name, value, more);
    }

    /** Adds a value if there is one. */
    void add(MetricName name, OptionalLong value, String... more) {
        value.ifPresent(known -> add(name, known, more));
    }

    /**
     * Adds a value that was read some time ago.
     *
     * @param at nanoseconds since 1970; 0 is now
     */
    void addOf(long at, MetricName name, long value, String... more) {
        if (more.length != name.moreLabels()) {
            throw new IllegalArgumentException(
                    "metric %s: found %d labels of its own, wanted %d"
                            .formatted(name.exported(), more.length, name.moreLabels()));
        }
        metrics.add(
                Metric.newBuilder()
                        .setName(name.exported())
                        .setTimestamp(at)
                        .setMetricType(name.type())
                        .addAllLabelValues(labels)
                        .addAllLabelValues(List.of(more))
                        .setValue(Usages.number(value))
                        .build());
    }

    List<Metric> all() {
        return List.copyOf(metrics);
    }
}
