package io.berth.storage.layer;

import io.berth.linux.FileNames;
import java.util.ArrayList;
import java.util.List;

/**
 * A path inside a layer: components, none of them empty, {@code .} or {@code ..}. The layer's root
 * has none.
 */
record LayerPath(List<String> components) {
    private static final int NAME_MAX = 255;

    static final LayerPath ROOT = new LayerPath(List.of());

    LayerPath {
        components = List.copyOf(components);
    }

    /**
     * The path that a tar writes as {@code text}.
     *
     * @param member for the message
     * @throws HostileLayer when it is absolute (and may not be), climbs, is too long or too deep
     */
    static LayerPath of(String member, String text, LayerLimits limits) {
        if (text.isEmpty()) {
            throw new HostileLayer(member, "an empty path", "a path inside the layer");
        }
        if (text.startsWith("/") && limits.absoluteNames() == LayerLimits.AbsoluteNames.REFUSE) {
            throw new HostileLayer(
                    member, "the absolute path " + text, "a path relative to the layer's root");
        }
        checkLength(member, text, limits.maxPathBytes());
        var components = new ArrayList<String>();
        for (String component : text.split("/", -1)) {
            if (component.equals("..")) {
                throw new HostileLayer(
                        member, "\"..\" in the path " + text, "a path inside the layer");
            }
            if (!component.isEmpty() && !component.equals(".")) {
                checkLength(member, component, NAME_MAX);
                components.add(component);
            }
        }
        if (components.size() > limits.maxDepth()) {
            throw new HostileLayer(
                    member,
                    "%d directories deep".formatted(components.size()),
                    "at most %d".formatted(limits.maxDepth()));
        }
        return new LayerPath(components);
    }

    static void checkLength(String member, String text, int limit) {
        int length = FileNames.encode(text).length;
        if (length > limit) {
            throw new HostileLayer(
                    member,
                    "%d bytes of name or link".formatted(length),
                    "at most %d".formatted(limit));
        }
    }

    boolean isRoot() {
        return components.isEmpty();
    }

    /** The last component; not for the root. */
    String name() {
        return components.getLast();
    }

    /** The directory that it lies in; not for the root. */
    LayerPath parent() {
        return new LayerPath(components.subList(0, components.size() - 1));
    }

    /** The path of {@code name} in the directory of this one. */
    LayerPath sibling(String name) {
        var sibling = new ArrayList<>(components.subList(0, components.size() - 1));
        sibling.add(name);
        return new LayerPath(sibling);
    }

    /** As a relative path with slashes; the root is {@code "."}. */
    @Override
    public String toString() {
        return isRoot() ? "." : String.join("/", components);
    }
}
