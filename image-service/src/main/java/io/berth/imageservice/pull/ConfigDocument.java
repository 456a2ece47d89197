package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageConfig;
import io.berth.imageservice.image.ImageException;
import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * An image's configuration: what the process gets, and the digests of the uncompressed layers.
 *
 * <p>Source: OCI image-spec, config.md ("Layer ChainID" for {@link #chainIds()}).
 *
 * @param diffIds from the lowest layer up
 */
record ConfigDocument(ImageConfig config, List<Digest> diffIds) {

    /** What is kept of a configuration stands in the image's record, which is limited too. */
    private static final int MAX_PROCESS_CHARS = 1 << 20;

    ConfigDocument {
        diffIds = List.copyOf(diffIds);
    }

    /**
     * Reads a configuration.
     *
     * @param image begins every message
     * @param layers how many layers the manifest has; the configuration must name as many
     */
    static ConfigDocument read(String image, byte[] bytes, int layers, String platform) {
        return DocumentTurn.of(() -> parse(image, bytes, layers, platform));
    }

    private static ConfigDocument parse(String image, byte[] bytes, int layers, String platform) {
        JsonDocument document = JsonDocument.object(image + ": configuration", bytes);
        JsonDocument rootfs = document.child("rootfs");
        List<Digest> diffIds = new ArrayList<>();
        for (String text : rootfs.texts("diff_ids")) {
            try {
                diffIds.add(Digest.parse(text));
            } catch (IllegalArgumentException malformed) {
                throw document.malformed("rootfs.diff_ids", String.valueOf(malformed.getMessage()));
            }
        }
        if (diffIds.size() != layers) {
            throw document.malformed(
                    "rootfs.diff_ids",
                    diffIds.size() + " digests",
                    layers + ", one for each layer");
        }
        if (layers == 0) {
            throw document.malformed("rootfs.diff_ids", "no layer", "at least one");
        }
        ImageConfig config = config(document);
        String found = config.os() + "/" + config.architecture();
        if (!found.equals(platform)) {
            throw new ImageException.NoMatchingPlatform(
                    "%s: configuration: found platform %s, wanted %s"
                            .formatted(image, found, platform));
        }
        return new ConfigDocument(config, diffIds);
    }

    private static ImageConfig config(JsonDocument document) {
        JsonDocument process = document.child("config");
        String signal = process.textOrEmpty("StopSignal");
        var config =
                new ImageConfig(
                        process.textOrEmpty("User"),
                        process.texts("Env"),
                        process.texts("Entrypoint"),
                        process.texts("Cmd"),
                        process.textOrEmpty("WorkingDir"),
                        new HashSet<>(process.names("Volumes")),
                        new HashSet<>(process.names("ExposedPorts")),
                        process.textsByName("Labels"),
                        signal.isEmpty() ? Optional.empty() : Optional.of(signal),
                        document.textOrEmpty("architecture"),
                        document.textOrEmpty("os"));
        int length = config.toString().length();
        if (length > MAX_PROCESS_CHARS) {
            throw document.malformed(
                    "config", length + " characters", "at most " + MAX_PROCESS_CHARS);
        }
        return config;
    }

    /** The name of the chain up to each layer, from the lowest up. */
    List<SnapshotName> chainIds() {
        List<SnapshotName> chain = new ArrayList<>();
        String below = "";
        for (Digest diffId : diffIds) {
            below =
                    below.isEmpty()
                            ? diffId.toString()
                            : Digest.sha256((below + " " + diffId).getBytes(StandardCharsets.UTF_8))
                                    .toString();
            chain.add(new SnapshotName(below));
        }
        return chain;
    }
}
