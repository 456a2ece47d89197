package io.berth.sandbox.spec;

import java.nio.file.Path;

/**
 * What the host has made ready for a container.
 *
 * @param joined whose namespaces it joins
 * @param user as whom the process runs
 * @param cgroupsPath the container's cgroup: a path, or {@code slice:prefix:name} under systemd
 * @param shm the pod's /dev/shm; not used by a pod that shares the host's ipc namespace
 * @param resolvConf the pod's resolv.conf
 * @param hostname the pod's /etc/hostname
 * @param hosts the pod's /etc/hosts
 * @param mounts what the request's mounts are bound from
 */
public record ContainerHost(
        JoinedNamespaces joined,
        User user,
        String cgroupsPath,
        Path shm,
        Path resolvConf,
        Path hostname,
        Path hosts,
        MountHost mounts,
        HostLimits limits) {}
