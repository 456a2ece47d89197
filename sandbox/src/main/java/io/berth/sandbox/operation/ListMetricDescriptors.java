package io.berth.sandbox.operation;

import io.berth.cri.v1.ListMetricDescriptorsResponse;
import io.berth.sandbox.stats.PodMetrics;

/** Tells which metrics of pods and containers there are; always the same ones. */
final class ListMetricDescriptors {
    private ListMetricDescriptors() {}

    static ListMetricDescriptorsResponse run() {
        return ListMetricDescriptorsResponse.newBuilder()
                .addAllDescriptors(PodMetrics.descriptors())
                .build();
    }
}
