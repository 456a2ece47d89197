package io.berth.imageservice.image;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an image says about the process to run in it.
 *
 * <p>Source: OCI image-spec, config.md; Docker's own fields are not kept.
 *
 * @param user {@code user[:group]}, names or numbers, or empty
 * @param env {@code NAME=value} in the image's order
 * @param workingDir absolute, or empty for {@code /}
 * @param stopSignal name or number
 */
public record ImageConfig(
        String user,
        List<String> env,
        List<String> entrypoint,
        List<String> cmd,
        String workingDir,
        Set<String> volumes,
        Set<String> exposedPorts,
        Map<String, String> labels,
        Optional<String> stopSignal,
        String architecture,
        String os) {

    /** Copies what can change. */
    public ImageConfig {
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        volumes = Set.copyOf(volumes);
        exposedPorts = Set.copyOf(exposedPorts);
        labels = Map.copyOf(labels);
    }
}
