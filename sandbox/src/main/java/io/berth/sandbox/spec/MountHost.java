package io.berth.sandbox.spec;

import io.berth.sandbox.runtime.HandlerFeatures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a container's mounts depend on.
 *
 * @param sources what was found for each of the request's mounts, in their order
 * @param features what the pod's runtime handler can do
 * @param declared folders for the volumes that the image declares, by where they are mounted
 */
public record MountHost(
        List<MountSource> sources, HandlerFeatures features, Map<String, Path> declared) {
    public MountHost {
        sources = List.copyOf(sources);
        declared = Map.copyOf(declared);
    }

    /** For an image that declares no volumes. */
    public MountHost(List<MountSource> sources, HandlerFeatures features) {
        this(sources, features, Map.of());
    }

    /** The same for an image that does. */
    public MountHost with(Map<String, Path> volumes) {
        return new MountHost(sources, features, volumes);
    }
}
