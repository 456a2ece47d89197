package io.berth.sandbox.stats;

import io.berth.cri.v1.MetricDescriptor;
import io.berth.cri.v1.PodSandboxMetrics;
import io.berth.linux.usage.NetworkDevice;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import java.util.List;

/** The metrics of one pod: its interfaces' own, and those of its running containers. */
public final class PodMetrics {
    private final PodFigures figures;
    private final ContainerMetrics containers;

    public PodMetrics(PodFigures figures, ContainerMetrics containers) {
        this.figures = figures;
        this.containers = containers;
    }

    /** Every metric that may turn up. */
    public static List<MetricDescriptor> descriptors() {
        return MetricName.descriptors();
    }

    /** Reads a pod's metrics. */
    public PodSandboxMetrics of(PodSandbox pod, List<Container> all) {
        var list = MetricList.of(pod);
        figures.devices(pod).ifPresent(devices -> devices.forEach(d -> network(list, d)));
        var metrics =
                PodSandboxMetrics.newBuilder()
                        .setPodSandboxId(pod.id().value())
                        .addAllMetrics(list.all());
        for (var container : all) {
            containers.of(pod, container).ifPresent(metrics::addContainerMetrics);
        }
        return metrics.build();
    }

    private static void network(MetricList list, NetworkDevice device) {
        var name = device.name();
        var in = device.received();
        list.add(MetricName.NETWORK_RECEIVE_BYTES_TOTAL, in.bytes(), name);
        list.add(MetricName.NETWORK_RECEIVE_PACKETS_TOTAL, in.packets(), name);
        list.add(MetricName.NETWORK_RECEIVE_PACKETS_DROPPED_TOTAL, in.dropped(), name);
        list.add(MetricName.NETWORK_RECEIVE_ERRORS_TOTAL, in.errors(), name);
        var out = device.sent();
        list.add(MetricName.NETWORK_TRANSMIT_BYTES_TOTAL, out.bytes(), name);
        list.add(MetricName.NETWORK_TRANSMIT_PACKETS_TOTAL, out.packets(), name);
        list.add(MetricName.NETWORK_TRANSMIT_PACKETS_DROPPED_TOTAL, out.dropped(), name);
        list.add(MetricName.NETWORK_TRANSMIT_ERRORS_TOTAL, out.errors(), name);
    }
}
