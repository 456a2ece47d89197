package io.berth.sandbox.spec;

import java.nio.file.Path;

/**
 * What the host has made ready for a container.
 *
 * @param podPid the pause process, whose namespaces are joined, in the host's pid namespace
 * @param user as whom the process runs
 * @param cgroupsPath the container's cgroup: a path, or {@code slice:prefix:name} under systemd
 * @param shm the pod's /dev/shm; not used by a pod that shares the host's ipc namespace
 * @param resolvConf the pod's resolv.conf
 * @param hostname the pod's /etc/hostname
 * @param hosts the pod's /etc/hosts
 */
public record ContainerHost(
        int podPid,
        User user,
        String cgroupsPath,
        Path shm,
        Path resolvConf,
        Path hostname,
        Path hosts,
        HostLimits limits) {

    public ContainerHost {
        if (podPid <= 0) {
            throw new IllegalArgumentException(
                    "pause process: found pid %d, wanted a positive one".formatted(podPid));
        }
    }
}
