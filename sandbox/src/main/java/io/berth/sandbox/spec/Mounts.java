package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.MountPropagation;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.sandbox.PodSandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What is mounted over an image's files. */
final class Mounts {
    private static final Mount PROC =
            new Mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev"));
    private static final Mount DEV =
            new Mount(
                    "/dev",
                    "tmpfs",
                    "tmpfs",
                    List.of("nosuid", "strictatime", "mode=755", "size=65536k"));
    private static final Mount DEV_PTS =
            new Mount(
                    "/dev/pts",
                    "devpts",
                    "devpts",
                    List.of(
                            "nosuid",
                            "noexec",
                            "newinstance",
                            "ptmxmode=0666",
                            "mode=0620",
                            "gid=5"));
    private static final Mount DEV_MQUEUE =
            new Mount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev"));
    private static final Mount SYS =
            new Mount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro"));
    private static final Mount CGROUP =
            new Mount(
                    "/sys/fs/cgroup",
                    "cgroup",
                    "cgroup",
                    List.of("nosuid", "noexec", "nodev", "relatime", "ro"));

    private static final List<Mount> KERNEL = List.of(PROC, DEV, DEV_PTS, DEV_MQUEUE, SYS);

    private Mounts() {}

    private record Mount(String destination, String type, String source, List<String> options) {
        int depth() {
            return Path.of(destination).normalize().getNameCount();
        }
    }

    static ArrayNode ofPause() {
        return json(KERNEL);
    }

    /**
     * The kernel's file systems, the pod's files, and the request's mounts, which replace what they
     * have the destination of; a mount over a directory comes before those inside it.
     *
     * @throws SandboxException.InvalidRequest for a path that is not absolute
     */
    static ArrayNode ofContainer(ContainerConfig config, PodSandbox sandbox, ContainerHost host) {
        var asked = asked(config, host.limits());
        var destinations = new TreeSet<String>();
        asked.forEach(mount -> destinations.add(mount.destination()));
        var mounts = new ArrayList<Mount>();
        for (var mount : KERNEL) {
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
            }
        }
        binds.sort(Comparator.comparingInt(Mount::depth));
        mounts.addAll(binds);
        return json(mounts);
    }

    /** Mounts that let later ones of the host through need a root that does so too. */
    static boolean followsHost(ContainerConfig config) {
        return config.getMountsList().stream()
                .anyMatch(
                        mount ->
                                mount.getPropagation()
                                        == MountPropagation.PROPAGATION_HOST_TO_CONTAINER);
    }

    /** A request that brings its own /dev brings all that is in it. */
    private static boolean replaced(String destination, Set<String> destinations) {
        return destinations.contains(destination)
                || (destinations.contains("/dev") && destination.startsWith("/dev/"));
    }

    private static List<Mount> ofPod(
            ContainerConfig config, PodSandbox sandbox, ContainerHost host) {
        boolean readonly = config.getLinux().getSecurityContext().getReadonlyRootfs();
        var shm = Namespaces.onHostIpc(sandbox) ? Path.of("/dev/shm") : host.shm();
        return List.of(
                bind(host.hostname(), "/etc/hostname", readonly, "rprivate"),
                bind(host.hosts(), "/etc/hosts", readonly, "rprivate"),
                bind(host.resolvConf(), "/etc/resolv.conf", readonly, "rprivate"),
                bind(shm, "/dev/shm", false, "rprivate"));
    }

    private static List<Mount> asked(ContainerConfig config, HostLimits limits) {
        var mounts = new ArrayList<Mount>();
        for (int i = 0; i < config.getMountsCount(); i++) {
            var mount = config.getMounts(i);
            var name = "config.mounts[" + i + "].";
            if (mount.getSelinuxRelabel() && limits.selinux()) {
                throw new SandboxException.InvalidRequest(
                        name
                                + "selinux_relabel: found true on a machine with SELinux; berth"
                                + " does not label files yet");
            }
            mounts.add(
                    bind(
                            absolute(mount.getHostPath(), name + "host_path"),
                            absolute(mount.getContainerPath(), name + "container_path").toString(),
                            mount.getReadonly(),
                            propagation(mount.getPropagation(), name)));
        }
        return mounts;
    }

    private static String propagation(MountPropagation asked, String name) {
        return switch (asked) {
            case PROPAGATION_PRIVATE -> "rprivate";
            case PROPAGATION_HOST_TO_CONTAINER -> "rslave";
            case PROPAGATION_BIDIRECTIONAL, UNRECOGNIZED ->
                    throw new SandboxException.InvalidRequest(
                            "%spropagation: found %s, wanted private or host to container"
                                    .formatted(name, asked));
        };
    }

    private static Path absolute(String path, String field) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new SandboxException.InvalidRequest(
                    "%s: found '%s', wanted an absolute path".formatted(field, path));
        }
        return Path.of(path).normalize();
    }

    private static Mount bind(
            Path source, String destination, boolean readonly, String propagation) {
        return new Mount(
                destination,
                "bind",
                source.toString(),
                List.of("rbind", propagation, readonly ? "ro" : "rw"));
    }

    private static ArrayNode json(List<Mount> mounts) {
        var json = OciJson.array();
        for (var mount : mounts) {
            json.addObject()
                    .put("destination", mount.destination())
                    .put("type", mount.type())
                    .put("source", mount.source())
                    .set("options", OciJson.array(mount.options()));
        }
        return json;
    }
}
