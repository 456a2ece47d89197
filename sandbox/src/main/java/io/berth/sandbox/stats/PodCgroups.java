package io.berth.sandbox.stats;

import io.berth.linux.CgroupPath;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Where figures are read from.
 *
 * @param ofPod the parent of a pod's cgroups
 * @param ofContainer a container's own cgroup
 */
public record PodCgroups(
        Function<PodSandbox, CgroupPath> ofPod,
        BiFunction<PodSandbox, Container, CgroupPath> ofContainer) {}
