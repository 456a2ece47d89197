package io.berth.imageservice.image;

import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The form in which an image stands in the metadata, family {@code images}, under its id.
 *
 * <p>Version 2; version 1 had no annotations. Digests are written out: {@code sha256:…}.
 */
record ImageRecord(
        String id,
        List<String> tags,
        List<String> digests,
        String manifest,
        List<String> blobs,
        String chainId,
        ImageConfig config,
        long sizeBytes,
        boolean pinned,
        Instant pulledAt,
        Map<String, String> annotations) {
    /** Bytes, tree, record, and the work with it. */
    private static final int FORMS = 4;

    ImageRecord {
        tags = List.copyOf(tags);
        digests = List.copyOf(digests);
        blobs = List.copyOf(blobs);
        annotations = Map.copyOf(annotations);
    }

    static ImageRecord of(CompleteImage image, ImageNames names, Instant now) {
        return new ImageRecord(
                image.id().toString(),
                names.tags(),
                names.digests(),
                image.manifest().toString(),
                image.blobs().stream().map(Digest::toString).toList(),
                image.chainId().value(),
                image.config(),
                image.sizeBytes(),
                names.pinned(),
                now,
                image.annotations());
    }

    /** This record, come anew, with the names and the pin that {@code older} had. */
    ImageRecord mergedWith(ImageRecord older) {
        return new ImageRecord(
                id,
                union(tags, older.tags),
                union(digests, older.digests),
                manifest,
                blobs,
                chainId,
                config,
                sizeBytes,
                pinned || older.pinned,
                pulledAt,
                annotations);
    }

    ImageRecord withoutTags(List<String> gone) {
        List<String> left = tags.stream().filter(tag -> !gone.contains(tag)).toList();
        return new ImageRecord(
                id,
                left,
                digests,
                manifest,
                blobs,
                chainId,
                config,
                sizeBytes,
                pinned,
                pulledAt,
                annotations);
    }

    /**
     * What memory holds of it.
     *
     * @param details reads the rest
     */
    Image image(ImageDetails details) {
        var user = config.user();
        return new Image(
                Digest.parse(id),
                union(tags, List.of()),
                union(digests, List.of()),
                sizeBytes,
                user.substring(0, Math.min(user.length(), Image.MAX_USER)),
                details,
                new SnapshotName(chainId),
                Digest.parse(manifest),
                pinned,
                pulledAt,
                characters(annotations) <= Image.MAX_ANNOTATIONS ? annotations : Map.of());
    }

    private static long characters(Map<String, String> texts) {
        long sum = 0;
        for (var each : texts.entrySet()) {
            sum += each.getKey().length() + each.getValue().length();
        }
        return sum;
    }

    /** How much memory it takes to read and use its details, in bytes. */
    long cost() {
        long texts =
                Stream.of(
                                config.env(),
                                config.entrypoint(),
                                config.cmd(),
                                config.volumes(),
                                config.exposedPorts(),
                                config.labels().keySet(),
                                config.labels().values(),
                                annotations.keySet(),
                                annotations.values())
                        .flatMap(Collection::stream)
                        .mapToLong(text -> 120 + text.length())
                        .sum();
        return FORMS * (texts + config.user().length() + config.workingDir().length());
    }

    private static List<String> union(List<String> some, List<String> others) {
        var all = new TreeSet<>(some);
        all.addAll(others);
        return List.copyOf(all);
    }
}
