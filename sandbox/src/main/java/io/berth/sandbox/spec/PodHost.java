package io.berth.sandbox.spec;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the host has made ready for a pod's pause process.
 *
 * @param netns the pod's pinned network namespace; nothing if the pod is on the host's network
 * @param cgroupsPath the process's cgroup: a path, or {@code slice:prefix:name} under systemd
 */
public record PodHost(Optional<Path> netns, String cgroupsPath, HostLimits limits) {}
