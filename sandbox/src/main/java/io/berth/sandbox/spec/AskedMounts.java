package io.berth.sandbox.spec;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.MountPropagation;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.runtime.HandlerFeatures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The mounts that a request asks for. */
public final class AskedMounts {
    /** With this the kubelet knows that it is the node and not the pod that lacks something. */
    private static final String RRO_UNSUPPORTED = "RROUnsupported: ";

    private static final Set<String> OPTIONS = Set.of("noexec", "nodev", "nosuid");

    /** An image's mount on the host has these: a user namespace may not drop them. */
    private static final List<String> HARMLESS = List.of("nosuid", "nodev");

    private AskedMounts() {}

    /**
     * Returns if the mounts make sense; to be called before anything is looked at or made for them.
     *
     * @throws SandboxException.InvalidRequest for a path that is not absolute or options that
     *     contradict each other
     * @throws SandboxException.Failed if the pod's runtime handler cannot do what is asked
     */
    public static void check(ContainerConfig config, HandlerFeatures features) {
        for (int i = 0; i < config.getMountsCount(); i++) {
            var mount = config.getMounts(i);
            var name = name(i);
            absolute(mount.getContainerPath(), name + "container_path");
            if (mount.hasImage()) {
                checkImage(mount, name);
            } else {
                absolute(mount.getHostPath(), name + "host_path");
                if (!mount.getImageSubPath().isEmpty()) {
                    throw new SandboxException.InvalidRequest(
                            name + "image_sub_path: found one without an image");
                }
            }
            recursiveReadOnly(mount, features, name);
            options(mount, name);
            ids(mount, features, name);
        }
    }

    /** Whether what a runtime handler can do matters for the request. */
    public static boolean needFeatures(ContainerConfig config) {
        return config.getMountsList().stream()
                .anyMatch(
                        mount ->
                                mount.getRecursiveReadOnly()
                                        || mount.getUidMappingsCount() > 0
                                        || mount.getGidMappingsCount() > 0);
    }

    private static void checkImage(Mount mount, String name) {
        if (!mount.getHostPath().isEmpty()) {
            throw imageVolume(
                    "%shost_path: found '%s' beside an image, wanted none"
                            .formatted(name, mount.getHostPath()));
        }
        if (mount.getImage().getImage().isEmpty()) {
            throw imageVolume(name + "image: found no reference, wanted one");
        }
        if (!mount.getReadonly()) {
            throw imageVolume(name + "readonly: found false for an image, wanted true");
        }
        if (mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
            throw imageVolume(
                    "%spropagation: found %s for an image, wanted private"
                            .formatted(name, mount.getPropagation()));
        }
    }

    /** The kubelet shows what follows the first word as the reason why the pod waits. */
    public static SandboxException.Failed imageVolume(String message) {
        return new SandboxException.Failed("ImageVolumeMountFailed: " + message);
    }

    /** They are in the order of the request; {@code userns} is the pod's. */
    static List<OciMount> of(
            ContainerConfig config, MountHost host, Optional<IdMaps> userns, HostLimits limits) {
        check(config, host.features());
        var mounts = new ArrayList<OciMount>();
        for (int i = 0; i < config.getMountsCount(); i++) {
            var mount = config.getMounts(i);
            var name = name(i);
            var source = host.sources().get(i);
            var options = new ArrayList<String>();
            options.add("rbind");
            options.add(propagation(mount, source, userns, name));
            options.add(access(mount));
            options.addAll(options(mount, name));
            if (mount.hasImage()) {
                HARMLESS.stream().filter(option -> !options.contains(option)).forEach(options::add);
            }
            var destination = absolute(mount.getContainerPath(), name + "container_path");
            // An image's layers are mapped where they are mounted.
            var ids =
                    mount.hasImage() ? Optional.<IdMaps>empty() : ids(mount, host.features(), name);
            mounts.add(OciMount.bind(source.path(), destination.toString(), options).withIds(ids));
        }
        return mounts;
    }

    private static String access(Mount mount) {
        if (!mount.getReadonly()) {
            return "rw";
        }
        return mount.getRecursiveReadOnly() ? "rro" : "ro";
    }

    private static void recursiveReadOnly(Mount mount, HandlerFeatures features, String name) {
        if (!mount.getRecursiveReadOnly()) {
            return;
        }
        if (!mount.getReadonly()) {
            throw new SandboxException.InvalidRequest(
                    name + "recursive_read_only: found true beside readonly false");
        }
        if (mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
            throw new SandboxException.InvalidRequest(
                    "%srecursive_read_only: found true beside propagation %s, wanted private"
                            .formatted(name, mount.getPropagation()));
        }
        if (!features.recursiveReadOnly().present()) {
            throw new SandboxException.Failed(
                    "%s%srecursive_read_only: cannot be had: %s"
                            .formatted(
                                    RRO_UNSUPPORTED, name, features.recursiveReadOnly().reason()));
        }
    }

    private static Set<String> options(Mount mount, String name) {
        var options = new LinkedHashSet<>(mount.getMountOptionsList());
        for (var option : options) {
            if (!OPTIONS.contains(option)) {
                throw new SandboxException.InvalidRequest(
                        "%smount_options: found '%s', wanted noexec, nodev or nosuid"
                                .formatted(name, option));
            }
        }
        return options;
    }

    /** How the mount shows owners. */
    static Optional<IdMaps> ids(Mount mount, HandlerFeatures features, String name) {
        int uids = mount.getUidMappingsCount();
        int gids = mount.getGidMappingsCount();
        if (uids == 0 && gids == 0) {
            return Optional.empty();
        }
        if (uids == 0 || gids == 0) {
            throw new SandboxException.InvalidRequest(
                    "%suidMappings: found %d beside %d gidMappings, wanted both or none"
                            .formatted(name, uids, gids));
        }
        if (!features.userNamespaces().present()) {
            throw new SandboxException.InvalidRequest(
                    "%suidMappings: found %d, wanted none: %s"
                            .formatted(name, uids, features.userNamespaces().reason()));
        }
        return Optional.of(
                new IdMaps(
                        IdMap.of(mount.getUidMappingsList(), name + "uidMappings"),
                        IdMap.of(mount.getGidMappingsList(), name + "gidMappings")));
    }

    private static String propagation(
            Mount mount, MountSource source, Optional<IdMaps> userns, String name) {
        var asked = mount.getPropagation();
        return switch (asked) {
            case PROPAGATION_PRIVATE -> "rprivate";
            case PROPAGATION_HOST_TO_CONTAINER -> {
                if (!source.sharedOrSlave()) {
                    throw notShared(name, asked, source, "a shared mount or a slave");
                }
                yield "rslave";
            }
            case PROPAGATION_BIDIRECTIONAL -> {
                if (userns.isPresent()) {
                    throw new SandboxException.InvalidRequest(
                            "%spropagation: found %s in a pod with a user namespace, whose mounts"
                                            .formatted(name, asked)
                                    + " never reach the host");
                }
                if (!source.shared()) {
                    throw notShared(name, asked, source, "a shared mount");
                }
                yield "rshared";
            }
            case UNRECOGNIZED ->
                    throw new SandboxException.InvalidRequest(
                            "%spropagation: found a value that is not known".formatted(name));
        };
    }

    private static SandboxException.InvalidRequest notShared(
            String name, MountPropagation asked, MountSource source, String wanted) {
        return new SandboxException.InvalidRequest(
                "%spropagation: found %s for %s, which lies on %s; wanted %s there"
                        .formatted(name, asked, source.path(), source.place(), wanted));
    }

    private static Path absolute(String path, String field) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new SandboxException.InvalidRequest(
                    "%s: found '%s', wanted an absolute path".formatted(field, path));
        }
        return Path.of(path).normalize();
    }

    private static String name(int mount) {
        return "config.mounts[" + mount + "].";
    }
}
