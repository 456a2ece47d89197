package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageException;
import io.berth.storage.content.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads manifests and indexes of OCI and Docker; everything else is refused by its name. */
final class ManifestReader {

    /** No image may have more layers; overlayfs itself ends at 500 lower directories. */
    static final int MAX_LAYERS = 512;

    /** An index of more entries is refused. */
    static final int MAX_ENTRIES = 1024;

    /** No configuration may be larger, in bytes. */
    static final int MAX_CONFIG_BYTES = 8 << 20;

    /** Every list of images carries them; an image with more is refused, in characters. */
    static final int MAX_ANNOTATIONS = 64 << 10;

    private static final long MAX_BLOB_BYTES = 1L << 40;

    private final String subject;

    /**
     * Reads for one image.
     *
     * @param image begins every message, such as {@code image docker.io/library/redis:7}
     */
    ManifestReader(String image) {
        this.subject = image + ": manifest";
    }

    /**
     * What the bytes say.
     *
     * @param mediaType as the host or the descriptor said it; the document's own must agree
     */
    Manifest read(String mediaType, byte[] bytes) {
        return DocumentTurn.of(() -> parse(mediaType, bytes));
    }

    private Manifest parse(String mediaType, byte[] bytes) {
        JsonDocument document = JsonDocument.object(subject, bytes);
        String own = document.textOrEmpty("mediaType");
        boolean said =
                MediaTypes.INDEXES.contains(mediaType) || MediaTypes.MANIFESTS.contains(mediaType);
        String type = own.isEmpty() ? (said ? mediaType : guess(document)) : own;
        if (said && !type.equals(mediaType)) {
            throw document.malformed("mediaType", own, mediaType);
        }
        if (MediaTypes.isSchema1(type) || MediaTypes.isSchema1(mediaType) || isSchema1(document)) {
            throw new ImageException.InvalidManifest(
                    subject
                            + ": found Docker's schema 1, which is not supported;"
                            + " push the image anew with a current tool",
                    null);
        }
        if (document.has("manifests") && document.has("layers")) {
            throw document.malformed("manifests", "layers beside it", "one of the two");
        }
        if (MediaTypes.INDEXES.contains(type)) {
            return index(document);
        }
        if (MediaTypes.MANIFESTS.contains(type)) {
            return single(document);
        }
        throw document.malformed(
                "mediaType", "\"" + type + "\"", "a manifest or index of OCI or Docker");
    }

    private static boolean isSchema1(JsonDocument document) {
        return document.has("fsLayers")
                || (document.has("schemaVersion") && document.count("schemaVersion") == 1);
    }

    private static String guess(JsonDocument document) {
        if (document.has("manifests")) {
            return MediaTypes.OCI_INDEX;
        }
        return document.has("config") ? MediaTypes.OCI_MANIFEST : "";
    }

    private Manifest.Single single(JsonDocument document) {
        Descriptor config = descriptor(document.child("config"));
        if (!MediaTypes.CONFIGS.contains(config.mediaType())) {
            throw document.malformed(
                    "config.mediaType",
                    "\"" + config.mediaType() + "\"",
                    "an image's configuration");
        }
        if (config.sizeBytes() > MAX_CONFIG_BYTES) {
            throw document.malformed(
                    "config.size", config.sizeBytes() + " bytes", "at most " + MAX_CONFIG_BYTES);
        }
        List<Descriptor> layers = descriptors(document.children("layers"));
        if (layers.size() > MAX_LAYERS) {
            throw document.malformed("layers", layers.size() + " layers", "at most " + MAX_LAYERS);
        }
        for (Descriptor layer : layers) {
            if (!MediaTypes.LAYERS.contains(layer.mediaType())) {
                throw document.malformed(
                        "layers.mediaType",
                        "\"" + layer.mediaType() + "\"",
                        "a tar layer, plain or with gzip or zstd");
            }
        }
        return new Manifest.Single(config, layers, annotations(document));
    }

    private static Map<String, String> annotations(JsonDocument document) {
        Map<String, String> annotations = document.textsByName("annotations");
        long length =
                annotations.entrySet().stream()
                        .mapToLong(entry -> entry.getKey().length() + entry.getValue().length())
                        .sum();
        if (length > MAX_ANNOTATIONS) {
            throw document.malformed(
                    "annotations", length + " characters", "at most " + MAX_ANNOTATIONS);
        }
        return annotations;
    }

    private Manifest.Index index(JsonDocument document) {
        List<Descriptor> entries = descriptors(document.children("manifests"));
        if (entries.size() > MAX_ENTRIES) {
            throw document.malformed(
                    "manifests", entries.size() + " entries", "at most " + MAX_ENTRIES);
        }
        return new Manifest.Index(entries);
    }

    private List<Descriptor> descriptors(List<JsonDocument> documents) {
        List<Descriptor> descriptors = new ArrayList<>();
        documents.forEach(document -> descriptors.add(descriptor(document)));
        return descriptors;
    }

    private Descriptor descriptor(JsonDocument document) {
        Digest digest;
        try {
            digest = Digest.parse(document.text("digest"));
        } catch (IllegalArgumentException malformed) {
            throw document.malformed("digest", String.valueOf(malformed.getMessage()));
        }
        long size = document.count("size");
        if (size > MAX_BLOB_BYTES) {
            throw document.malformed("size", size + " bytes", "at most " + MAX_BLOB_BYTES);
        }
        Map<String, String> annotations = document.textsByName("annotations");
        return new Descriptor(
                document.text("mediaType"), digest, size, platform(document), annotations);
    }

    private static String platform(JsonDocument document) {
        if (!document.has("platform")) {
            return "";
        }
        JsonDocument platform = document.child("platform");
        String variant = platform.textOrEmpty("variant");
        return platform.textOrEmpty("os")
                + "/"
                + platform.textOrEmpty("architecture")
                + (variant.isEmpty() ? "" : "/" + variant);
    }

    /**
     * The entry of an index for a platform: the first that names it, else the first that names
     * none.
     *
     * @throws ImageException.NoMatchingPlatform naming the platforms that are there
     */
    Descriptor choose(Manifest.Index index, String platform) {
        return index.manifests().stream()
                .filter(entry -> matches(entry.platform(), platform))
                .findFirst()
                .or(
                        () ->
                                index.manifests().stream()
                                        .filter(e -> e.platform().isEmpty())
                                        .findFirst())
                .orElseThrow(
                        () ->
                                new ImageException.NoMatchingPlatform(
                                        "%s: found the platforms %s, wanted %s"
                                                .formatted(
                                                        subject,
                                                        index.manifests().stream()
                                                                .map(Descriptor::platform)
                                                                .distinct()
                                                                .limit(20)
                                                                .toList(),
                                                        platform)));
    }

    private static boolean matches(String found, String wanted) {
        return found.equals(wanted) || found.equals(wanted + "/v1");
    }
}
