package io.berth.sandbox.spec;

import io.berth.sandbox.runtime.HandlerFeatures;
import java.util.List;

/**
 * What a container's mounts depend on.
 *
 * @param sources what was found for each of the request's mounts, in their order
 * @param features what the pod's runtime handler can do
 */
public record MountHost(List<MountSource> sources, HandlerFeatures features) {
    public MountHost {
        sources = List.copyOf(sources);
    }
}
