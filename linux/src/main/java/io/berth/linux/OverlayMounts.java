package io.berth.linux;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Read-only overlays of any number of layers, the uppermost first, whose setuid programs and device
 * nodes are without effect. mount(2) reads a page of options, and fsconfig(2) takes 255 bytes a
 * value; so each way has its limit, and before kernel 6.7, which takes layers one by one, about a
 * hundred layers are the most.
 */
public final class OverlayMounts {
    private static final int MAX_VALUE = 255;
    private static final int MAX_DATA = 4095;
    private static final Set<MountFlag> FLAGS =
            Set.of(MountFlag.READ_ONLY, MountFlag.NO_SUID, MountFlag.NO_DEV);
    private static final long ATTRIBUTES =
            Flags.MOUNT_ATTR_RDONLY | Flags.MOUNT_ATTR_NOSUID | Flags.MOUNT_ATTR_NODEV;

    private final Linux linux;

    public OverlayMounts(Linux linux) {
        this.linux = linux;
    }

    /**
     * A mount that has no place in the file tree and ends with its descriptor. EINVAL where the
     * kernel is older than 6.7 and the layers' names are long: see {@link #needsOneByOne}.
     */
    public LinuxFd detached(List<Path> layers) throws LinuxException {
        Steps.require("overlay");
        try (var context = linux.fsopen("overlay")) {
            if (needsOneByOne(layers)) {
                for (var layer : layers) {
                    linux.fsconfigString(context, "lowerdir+", layer.toString());
                }
            } else {
                linux.fsconfigString(context, "lowerdir", joined(layers));
            }
            linux.fsconfigCreate(context);
            return linux.fsmount(context, ATTRIBUTES);
        }
    }

    /** Whether {@link #detached} needs kernel 6.7 for these layers. */
    public static boolean needsOneByOne(List<Path> layers) {
        return joined(layers).length() > MAX_VALUE;
    }

    /** Mounts the overlay on a folder, where it stays until it is unmounted. */
    public void attach(List<Path> layers, Path target) throws IOException {
        var data = "lowerdir=" + joined(layers);
        if (data.length() <= MAX_DATA) {
            linux.mount("overlay", target, "overlay", FLAGS, data);
            return;
        }
        try (var mount = detached(layers)) {
            linux.moveMount(mount, target);
        }
    }

    private static String joined(List<Path> layers) {
        return String.join(":", layers.stream().map(Path::toString).toList());
    }
}
