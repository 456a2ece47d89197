package io.berth.daemon.cli.manifest;

import io.berth.cri.v1.LinuxContainerResources;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What containers ask for, in the kernel's units. Source: the kubelet's rules: a core is 1024
 * shares and 100 ms of quota a period; who asks for less memory is killed first.
 */
final class Resources {
    private static final long PERIOD_MICROS = 100_000;
    private static final long MIN_QUOTA_MICROS = 1_000;
    private static final long MIN_SHARES = 2;
    private static final long MAX_SHARES = 262_144;
    private static final int GUARANTEED_SCORE = -997;
    private static final int BEST_EFFORT_SCORE = 1000;

    /** How a pod is treated when memory is short. */
    enum Qos {
        GUARANTEED,
        BURSTABLE,
        BEST_EFFORT
    }

    private Resources() {}

    static Qos qos(Pod pod) {
        var containers =
                Stream.concat(
                                pod.getSpec().getInitContainers().stream(),
                                pod.getSpec().getContainers().stream())
                        .toList();
        if (containers.stream().allMatch(Resources::asksNothing)) {
            return Qos.BEST_EFFORT;
        }
        boolean guaranteed =
                containers.stream()
                        .allMatch(
                                c ->
                                        limitedAsRequested(c, "cpu")
                                                && limitedAsRequested(c, "memory"));
        return guaranteed ? Qos.GUARANTEED : Qos.BURSTABLE;
    }

    private static boolean asksNothing(Container container) {
        return Stream.of("cpu", "memory")
                .allMatch(
                        name ->
                                limit(container, name).isEmpty()
                                        && request(container, name).isEmpty());
    }

    private static boolean limitedAsRequested(Container container, String name) {
        var limit = limit(container, name);
        return limit.isPresent()
                && request(container, name)
                        .map(r -> r.value().compareTo(limit.get().value()) == 0)
                        .orElse(false);
    }

    /**
     * @param hostMemoryBytes what the node has in all
     */
    static LinuxContainerResources of(Pod pod, Container container, long hostMemoryBytes) {
        var resources = LinuxContainerResources.newBuilder();
        var request = request(container, "cpu").map(Amount::thousandths).orElse(0L);
        resources.setCpuShares(Math.clamp(request * 1024 / 1000, MIN_SHARES, MAX_SHARES));
        limit(container, "cpu")
                .ifPresent(
                        cpu ->
                                resources
                                        .setCpuPeriod(PERIOD_MICROS)
                                        .setCpuQuota(
                                                Math.max(
                                                        MIN_QUOTA_MICROS,
                                                        cpu.thousandths() * PERIOD_MICROS / 1000)));
        limit(container, "memory")
                .ifPresent(memory -> resources.setMemoryLimitInBytes(memory.whole()));
        return resources.setOomScoreAdj(oomScore(pod, container, hostMemoryBytes)).build();
    }

    private static int oomScore(Pod pod, Container container, long hostMemoryBytes) {
        return switch (qos(pod)) {
            case GUARANTEED -> GUARANTEED_SCORE;
            case BEST_EFFORT -> BEST_EFFORT_SCORE;
            case BURSTABLE -> {
                long asked = request(container, "memory").map(Amount::whole).orElse(0L);
                double share = hostMemoryBytes > 0 ? (double) asked / hostMemoryBytes : 0;
                yield Math.clamp(
                        BEST_EFFORT_SCORE - (long) (share * 1000),
                        BEST_EFFORT_SCORE + GUARANTEED_SCORE,
                        BEST_EFFORT_SCORE - 1);
            }
        };
    }

    private static Optional<Amount> limit(Container container, String name) {
        var resources = container.getResources();
        return resources == null ? Optional.empty() : amount(resources.getLimits(), name);
    }

    /** What is asked for; a limit alone asks for as much. */
    private static Optional<Amount> request(Container container, String name) {
        var resources = container.getResources();
        return resources == null
                ? Optional.empty()
                : amount(resources.getRequests(), name).or(() -> limit(container, name));
    }

    private static Optional<Amount> amount(Map<String, Quantity> amounts, String name) {
        var quantity = amounts == null ? null : amounts.get(name);
        return quantity == null
                ? Optional.empty()
                : Amount.parse(quantity.toString()).filter(amount -> amount.value().signum() > 0);
    }
}
