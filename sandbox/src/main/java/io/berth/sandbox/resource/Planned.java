package io.berth.sandbox.resource;

import java.util.Map;

/**
 * A thing that is about to be made outside the store.
 *
 * @param key what names it in the kernel, chosen before it is made
 * @param details what its remover needs beside the key
 */
public record Planned(ResourceKind kind, String key, Map<String, String> details) {
    public Planned {
        details = Map.copyOf(details);
    }

    public Planned(ResourceKind kind, Object key) {
        this(kind, key.toString(), Map.of());
    }
}
