package io.berth.imageservice.image;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** All images at one moment; never changes, so that it is read without locks. */
final class ImageView {

    static final ImageView EMPTY = new ImageView(List.of());

    private static final String SHA256 = "sha256:";
    private static final Pattern ID_PREFIX = Pattern.compile("[a-f0-9]{1,64}");
    private static final int ID_LENGTH = 64;

    private final List<Image> images;
    private final NavigableMap<String, Image> byHex = new TreeMap<>();
    private final Map<String, Image> byName = new HashMap<>();

    ImageView(Collection<Image> images) {
        this.images =
                images.stream().sorted(Comparator.comparing(image -> image.id().hex())).toList();
        for (Image image : this.images) {
            byHex.put(image.id().hex(), image);
            image.repoTags().forEach(tag -> byName.put(tag, image));
            image.repoDigests().forEach(digest -> byName.put(digest, image));
        }
    }

    List<Image> list() {
        return images;
    }

    /** See {@link Images#find}. */
    Optional<Image> find(String text) {
        if (text.startsWith(SHA256)) {
            return byPrefix(text, text.substring(SHA256.length()));
        }
        if (text.length() == ID_LENGTH && ID_PREFIX.matcher(text).matches()) {
            return byPrefix(text, text);
        }
        Optional<Image> named = named(text);
        return named.isPresent() ? named : byPrefix(text, text);
    }

    private Optional<Image> named(String text) {
        try {
            ImageRef ref = ImageRef.parse(text);
            String name = ref.digest().map(ref::repoDigest).or(ref::repoTag).orElseThrow();
            return Optional.ofNullable(byName.get(name));
        } catch (ImageException.InvalidReference _) {
            return Optional.empty(); // what is no reference names no image, it may still be an id
        }
    }

    private Optional<Image> byPrefix(String text, String hex) {
        if (!ID_PREFIX.matcher(hex).matches()) {
            return Optional.empty();
        }
        Collection<Image> matching = byHex.subMap(hex, true, hex + "g", false).values();
        if (matching.size() > 1) {
            throw new ImageException.InvalidReference(
                    "image %s: %d image ids begin so; give more digits"
                            .formatted(text, matching.size()));
        }
        return matching.stream().findFirst();
    }
}
