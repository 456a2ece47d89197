package io.berth.sandbox.runtime;

import io.berth.linux.Linux;
import io.berth.linux.UserNamespaces;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Whether pods can have user namespaces on this machine: the kernel makes one, and the file system
 * of the images' layers can be mounted id-mapped. It is tried on a mount that has no place in the
 * file tree, so nothing is left of it.
 */
public final class IdmapProbe {
    private static final UserNamespaces.Maps MAPS =
            new UserNamespaces.Maps("0 65536 65536\n", "0 65536 65536\n");

    private final Linux linux;
    private final UserNamespaces userNamespaces;
    private final Path layers;

    /** {@code layers} is the folder of the images' layers. */
    public IdmapProbe(Linux linux, UserNamespaces userNamespaces, Path layers) {
        this.linux = linux;
        this.userNamespaces = userNamespaces;
        this.layers = layers;
    }

    Feature ask() {
        try {
            Steps.run(
                    "runtime.features",
                    layers.toString(),
                    () ->
                            userNamespaces.use(
                                    MAPS,
                                    userns -> {
                                        try (var tree = linux.openTreeClone(layers, false)) {
                                            linux.mountIdmap(tree, userns);
                                        }
                                    }));
            return Feature.PRESENT;
        } catch (IOException cannot) {
            return Feature.absent("id-mapped mounts were tried and failed: " + cannot.getMessage());
        }
    }
}
