package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.MountPropagation;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.runtime.HandlerFeatures;
import io.berth.sandbox.sandbox.PodSandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What is mounted over an image's files. */
final class Mounts {
    /** The group tty, whose terminals programs expect to be. */
    private static final int TTY = 5;

    private static final OciMount PROC =
            new OciMount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev"));
    private static final OciMount DEV =
            new OciMount(
                    "/dev",
                    "tmpfs",
                    "tmpfs",
                    List.of("nosuid", "strictatime", "mode=755", "size=65536k"));
    private static final OciMount DEV_MQUEUE =
            new OciMount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev"));
    private static final OciMount SYS =
            new OciMount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro"));
    private static final OciMount CGROUP =
            new OciMount(
                    "/sys/fs/cgroup",
                    "cgroup",
                    "cgroup",
                    List.of("nosuid", "noexec", "nodev", "relatime", "ro"));

    private Mounts() {}

    static ArrayNode ofPause(PodSandbox sandbox, HandlerFeatures features) {
        return OciMount.json(kernel(sandbox, features));
    }

    /** The file systems that the kernel itself fills. */
    private static List<OciMount> kernel(PodSandbox sandbox, HandlerFeatures features) {
        var userns = UserNamespaces.of(sandbox.brief());
        var sys = userns.isPresent() && sandbox.onHostNetwork() ? hostSys(features) : SYS;
        return List.of(PROC, DEV, devPts(userns), DEV_MQUEUE, sys);
    }

    private static OciMount devPts(Optional<IdMaps> userns) {
        var options =
                new ArrayList<>(
                        List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"));
        if (userns.isEmpty() || userns.get().gids().toHost(TTY) >= 0) {
            options.add("gid=" + TTY);
        }
        return new OciMount("/dev/pts", "devpts", "devpts", options);
    }

    /** sysfs shows the network namespace, and only the user namespace that owns it may mount it. */
    private static OciMount hostSys(HandlerFeatures features) {
        var readOnly = features.recursiveReadOnly().present() ? "rro" : "ro";
        return OciMount.bind(
                Path.of("/sys"), "/sys", List.of("rbind", "nosuid", "noexec", "nodev", readOnly));
    }

    /**
     * The kernel's file systems, the pod's files, and the request's mounts, which replace what they
     * have the destination of; a mount over a directory comes before those inside it.
     *
     * @throws SandboxException.InvalidRequest for a mount that makes no sense
     */
    static ArrayNode ofContainer(ContainerConfig config, PodSandbox sandbox, ContainerHost host) {
        var userns = UserNamespaces.of(sandbox.brief());
        var asked = AskedMounts.of(config, host.mounts(), userns, host.limits());
        var destinations = new TreeSet<String>();
        asked.forEach(mount -> destinations.add(mount.destination()));
        var mounts = new ArrayList<OciMount>();
        for (var mount : kernel(sandbox, host.mounts().features())) {
            if (!replaced(mount.destination(), destinations)) {
                mounts.add(mount);
            }
        }
        if (!replaced(CGROUP.destination(), destinations)) {
            mounts.add(CGROUP);
        }
        var binds = new ArrayList<>(asked);
        for (var mount : ofPod(config, sandbox, host)) {
            if (!destinations.contains(mount.destination())) {
                binds.add(mount);
                destinations.add(mount.destination());
            }
        }
        host.mounts()
                .declared()
                .forEach(
                        (destination, folder) -> {
                            if (!destinations.contains(destination)) {
                                binds.add(declared(folder, destination).withIds(userns));
                            }
                        });
        binds.sort(Comparator.comparingInt(OciMount::depth));
        mounts.addAll(binds);
        return OciMount.json(mounts);
    }

    private static OciMount declared(Path folder, String destination) {
        return OciMount.bind(folder, destination, List.of("rbind", "rprivate", "rw"));
    }

    /** A root lets through what one of its mounts lets through; nothing if none does. */
    static Optional<String> rootPropagation(ContainerConfig config) {
        if (propagates(config, MountPropagation.PROPAGATION_BIDIRECTIONAL)) {
            return Optional.of("rshared");
        }
        return propagates(config, MountPropagation.PROPAGATION_HOST_TO_CONTAINER)
                ? Optional.of("rslave")
                : Optional.empty();
    }

    private static boolean propagates(ContainerConfig config, MountPropagation how) {
        return config.getMountsList().stream().anyMatch(mount -> mount.getPropagation() == how);
    }

    /** A request that brings its own /dev brings all that is in it. */
    private static boolean replaced(String destination, Set<String> destinations) {
        return destinations.contains(destination)
                || (destinations.contains("/dev") && destination.startsWith("/dev/"));
    }

    /** The pod's shared memory begins empty, so that its owners need no mapping. */
    private static List<OciMount> ofPod(
            ContainerConfig config, PodSandbox sandbox, ContainerHost host) {
        boolean readonly = config.getLinux().getSecurityContext().getReadonlyRootfs();
        var userns = UserNamespaces.of(sandbox.brief());
        var options = List.of("rbind", "rprivate", readonly ? "ro" : "rw");
        var shm = Namespaces.onHostIpc(sandbox) ? Path.of("/dev/shm") : host.shm();
        return List.of(
                OciMount.bind(host.hostname(), "/etc/hostname", options).withIds(userns),
                OciMount.bind(host.hosts(), "/etc/hosts", options).withIds(userns),
                OciMount.bind(host.resolvConf(), "/etc/resolv.conf", options).withIds(userns),
                OciMount.bind(shm, "/dev/shm", shmOptions(userns)));
    }

    /** A user namespace may not drop the options that a mount of the host has. */
    private static List<String> shmOptions(Optional<IdMaps> userns) {
        return userns.isPresent()
                ? List.of("rbind", "rprivate", "rw", "nosuid", "nodev", "noexec")
                : List.of("rbind", "rprivate", "rw");
    }
}
