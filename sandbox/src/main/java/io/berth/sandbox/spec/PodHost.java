package io.berth.sandbox.spec;

import io.berth.sandbox.runtime.HandlerFeatures;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the host has made ready for a pod's pause process.
 *
 * @param netns the pod's pinned network namespace; nothing if the pod is on the host's network
 * @param userns the pod's pinned user namespace, if it has one
 * @param cgroupsPath the process's cgroup: a path, or {@code slice:prefix:name} under systemd
 * @param features what the pod's runtime handler can do
 */
public record PodHost(
        Optional<Path> netns,
        Optional<Path> userns,
        String cgroupsPath,
        HandlerFeatures features,
        HostLimits limits) {}
