package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.image.PullRequest;
import io.berth.storage.content.Blob;
import io.berth.storage.content.ContentStore;
import io.berth.storage.content.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads an OCI image layout: {@code index.json} names manifests, which lie under {@code
 * blobs/sha256}.
 *
 * <p>Source: OCI image-spec, image-layout.md; containerd's annotation for complete names.
 */
final class OciLayout {

    private static final String SUBJECT = "archive";
    private static final String CONTAINERD_NAME = "io.containerd.image.name";
    private static final String OCI_NAME = "org.opencontainers.image.ref.name";
    private static final int MAX_INDEX_DEPTH = 3;

    private final ContentStore content;
    private final ManifestReader reader = new ManifestReader(SUBJECT);

    OciLayout(ContentStore content) {
        this.content = content;
    }

    /** Every image for this platform, at least one. */
    List<LoadedParts> images(byte[] index) {
        Manifest top = reader.read(MediaTypes.OCI_INDEX, index);
        if (!(top instanceof Manifest.Index(List<Descriptor> entries))) {
            throw new ImageException.InvalidArchive("archive: index.json is no index", null);
        }
        List<LoadedParts> images = new ArrayList<>();
        ImageException.NoMatchingPlatform other =
                new ImageException.NoMatchingPlatform("archive: index.json names no image");
        for (Descriptor entry : entries) {
            try {
                images.add(new LoadedParts(parts(entry), names(entry.annotations())));
            } catch (ImageException.NoMatchingPlatform foreign) {
                other = foreign;
            }
        }
        if (images.isEmpty()) {
            throw other;
        }
        return images;
    }

    private ImageParts parts(Descriptor entry) {
        List<Digest> above = new ArrayList<>();
        Descriptor at = entry;
        if (!at.platform().isEmpty()) {
            at = reader.choose(new Manifest.Index(List.of(at)), PullRequest.LINUX_AMD64);
        }
        for (int depth = 0; depth < MAX_INDEX_DEPTH; depth++) {
            Manifest manifest =
                    reader.read(at.mediaType(), document(at, ArchiveReader.MAX_DOCUMENT_BYTES));
            switch (manifest) {
                case Manifest.Index index -> {
                    above.add(at.digest());
                    at = reader.choose(index, PullRequest.LINUX_AMD64);
                }
                case Manifest.Single single -> {
                    return new ImageParts(above, at, single, config(single));
                }
            }
        }
        throw new ImageException.InvalidArchive(
                "archive: indexes point to indexes more than " + MAX_INDEX_DEPTH + " deep", null);
    }

    private ConfigDocument config(Manifest.Single manifest) {
        byte[] bytes = document(manifest.config(), ManifestReader.MAX_CONFIG_BYTES);
        var config =
                ConfigDocument.read(
                        SUBJECT, bytes, manifest.layers().size(), PullRequest.LINUX_AMD64);
        manifest.layers().forEach(this::present);
        return config;
    }

    private byte[] document(Descriptor pointer, int maxBytes) {
        Blob blob = present(pointer);
        if (blob.sizeBytes() > maxBytes) {
            throw new ImageException.InvalidArchive(
                    "archive: blob %s: found %d bytes, wanted at most %d"
                            .formatted(pointer.digest(), blob.sizeBytes(), maxBytes),
                    null);
        }
        return content.readAll(blob.digest(), maxBytes);
    }

    private Blob present(Descriptor pointer) {
        Blob blob =
                content.find(pointer.digest())
                        .orElseThrow(
                                () ->
                                        new ImageException.InvalidArchive(
                                                "archive: blob %s is missing"
                                                        .formatted(pointer.digest()),
                                                null));
        if (blob.sizeBytes() != pointer.sizeBytes()) {
            throw new ImageException.InvalidArchive(
                    "archive: blob %s: found %d bytes, its descriptor says %d"
                            .formatted(pointer.digest(), blob.sizeBytes(), pointer.sizeBytes()),
                    null);
        }
        return blob;
    }

    /** A bare tag, which names no repository, gives no name. */
    private static List<ImageRef> names(Map<String, String> annotations) {
        Optional<String> complete = Optional.ofNullable(annotations.get(CONTAINERD_NAME));
        Optional<String> text =
                complete.or(
                        () ->
                                Optional.ofNullable(annotations.get(OCI_NAME))
                                        .filter(name -> name.matches(".*[/:@].*")));
        return text.map(name -> List.of(ImageRef.parse(name))).orElse(List.of());
    }
}
