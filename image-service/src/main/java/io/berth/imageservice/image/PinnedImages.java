package io.berth.imageservice.image;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Names of images that the operator keeps from the kubelet's collection, as CRI-O has them: a whole
 * reference, one that ends in {@code *} for all that begin so, or {@code *PART*} for all that
 * contain it. They count from the moment that an image has such a name for as long as it has it.
 */
public record PinnedImages(List<String> patterns) {
    public static final PinnedImages NONE = new PinnedImages(List.of());

    /**
     * Checks each pattern.
     *
     * @throws IllegalArgumentException naming one that is neither a reference nor such a pattern
     */
    public PinnedImages {
        var checked = new ArrayList<String>();
        for (var pattern : patterns) {
            checked.add(checked(pattern));
        }
        patterns = List.copyOf(checked);
    }

    private static String checked(String pattern) {
        var bare = inner(pattern);
        if (bare.isEmpty() || bare.contains("*")) {
            throw bad(pattern);
        }
        if (bare.length() == pattern.length()) {
            try {
                return ImageRef.parse(pattern).canonical();
            } catch (ImageException.InvalidReference noReference) {
                throw bad(pattern);
            }
        }
        if (pattern.startsWith("*") && !pattern.endsWith("*")) {
            throw bad(pattern);
        }
        return pattern;
    }

    private static IllegalArgumentException bad(String pattern) {
        return new IllegalArgumentException(
                "found \"%s\", wanted a reference, its beginning and *, or *PART*"
                        .formatted(pattern));
    }

    /** A pattern without its wildcards. */
    private static String inner(String pattern) {
        var start = pattern.startsWith("*") ? 1 : 0;
        var end = pattern.endsWith("*") ? pattern.length() - 1 : pattern.length();
        return pattern.substring(Math.min(start, end), end);
    }

    /** The image, pinned if one of its names is. */
    Image applied(Image image) {
        if (image.pinned() || patterns.isEmpty()) {
            return image;
        }
        boolean pinned =
                Stream.concat(image.repoTags().stream(), image.repoDigests().stream())
                        .anyMatch(this::matches);
        return pinned ? image.asPinned() : image;
    }

    private boolean matches(String name) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, name));
    }

    private static boolean matches(String pattern, String name) {
        if (pattern.startsWith("*")) {
            return name.contains(inner(pattern));
        }
        return pattern.endsWith("*") ? name.startsWith(inner(pattern)) : name.equals(pattern);
    }
}
