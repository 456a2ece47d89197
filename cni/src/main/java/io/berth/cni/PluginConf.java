package io.berth.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * One plugin of a network, as configured. The JSON is never changed once it is here.
 *
 * @param type the plugin's file name
 */
record PluginConf(String type, ObjectNode json) {

    /**
     * @throws IllegalArgumentException no usable {@code type}
     */
    static PluginConf of(ObjectNode json) {
        return new PluginConf(requireFileName("type", json), json);
    }

    /** The plugin that this one delegates address management to, if it names one. */
    Optional<String> ipamType() {
        return json.get("ipam") instanceof ObjectNode ipam && ipam.hasNonNull("type")
                ? Optional.of(requireFileName("type", ipam)).filter(type -> !type.isEmpty())
                : Optional.empty();
    }

    /** Names of the capability arguments that this plugin wants. */
    Set<String> capabilities() {
        var wanted = new LinkedHashSet<String>();
        if (json.get("capabilities") instanceof ObjectNode capabilities) {
            for (var entry : capabilities.properties()) {
                if (entry.getValue().asBoolean(false)) {
                    wanted.add(entry.getKey());
                }
            }
        }
        return wanted;
    }

    private static String requireFileName(String key, ObjectNode json) {
        var node = json.path(key);
        var text = node.isTextual() ? node.textValue() : "";
        if (text.isEmpty() || text.contains("/") || text.startsWith(".") || text.indexOf(0) >= 0) {
            throw new IllegalArgumentException(
                    "%s: found %s, wanted the file name of a plugin"
                            .formatted(
                                    key,
                                    node.isMissingNode() ? "none" : Excerpt.of(node.toString())));
        }
        return text;
    }
}
