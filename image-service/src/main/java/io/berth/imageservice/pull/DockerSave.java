package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.image.PullRequest;
import io.berth.storage.content.Blob;
import io.berth.storage.content.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads what docker save wrote: {@code manifest.json} lists images, each with the names of its
 * configuration and layer files. A manifest is written for each, since there is none.
 */
final class DockerSave {

    private static final String SUBJECT = "archive";

    private final Workshop workshop;
    private final ArchiveMembers members;

    DockerSave(Workshop workshop, ArchiveMembers members) {
        this.workshop = workshop;
        this.members = members;
    }

    /** Every image, at least one. */
    List<LoadedParts> images(byte[] list) {
        List<LoadedParts> images = new ArrayList<>();
        for (JsonDocument entry : JsonDocument.list("archive: manifest.json", list)) {
            List<ImageRef> names = entry.texts("RepoTags").stream().map(ImageRef::parse).toList();
            images.add(new LoadedParts(parts(entry), names));
        }
        if (images.isEmpty()) {
            throw new ImageException.InvalidArchive("archive: manifest.json names no image", null);
        }
        return images;
    }

    private ImageParts parts(JsonDocument entry) {
        String configName = entry.text("Config");
        byte[] bytes =
                members.small(workshop.content(), configName, ManifestReader.MAX_CONFIG_BYTES);
        var config =
                new Descriptor(
                        MediaTypes.OCI_CONFIG, members.blob(configName).digest(), bytes.length);
        List<Descriptor> layers = new ArrayList<>();
        for (String name : entry.texts("Layers")) {
            Blob blob = members.blob(name);
            layers.add(new Descriptor(mediaType(name, blob), blob.digest(), blob.sizeBytes()));
        }
        if (layers.size() > ManifestReader.MAX_LAYERS) {
            throw entry.malformed(
                    "Layers", layers.size() + " layers", "at most " + ManifestReader.MAX_LAYERS);
        }
        var document = ConfigDocument.read(SUBJECT, bytes, layers.size(), PullRequest.LINUX_AMD64);
        return synthesized(workshop, config, layers, document);
    }

    /** Stores a manifest for parts that are stored already. */
    static ImageParts synthesized(
            Workshop workshop,
            Descriptor config,
            List<Descriptor> layers,
            ConfigDocument document) {
        byte[] manifest = ManifestWriter.write(config, layers);
        Digest digest = Digest.sha256(manifest);
        workshop.store(digest, manifest);
        return new ImageParts(
                List.of(),
                new Descriptor(MediaTypes.OCI_MANIFEST, digest, manifest.length),
                new Manifest.Single(config, layers, Map.of()),
                document);
    }

    private String mediaType(String name, Blob blob) {
        var magic = ByteBuffer.allocate(4);
        try (var channel = workshop.content().open(blob.digest())) {
            while (magic.hasRemaining() && channel.read(magic) >= 0) {
                // until four bytes are there or the end is
            }
        } catch (IOException unread) {
            throw Failures.of("archive: member " + name, unread);
        }
        int first = magic.getInt(0);
        if (first >>> 16 == 0x1f8b) {
            return MediaTypes.OCI_LAYER + "+gzip";
        }
        return first == 0x28b52ffd ? MediaTypes.OCI_LAYER + "+zstd" : MediaTypes.OCI_LAYER;
    }
}
