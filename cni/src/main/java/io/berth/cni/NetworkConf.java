package io.berth.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One network: a chain of plugins under a name (SPEC.md, section 1).
 *
 * @param version what every plugin of the chain is spoken to in
 * @param disableCheck CHECK always succeeds
 * @param disableGc GC is not sent: the network is shared with another runtime
 * @param plugins at least one, in the order of ADD
 */
record NetworkConf(
        String name,
        CniVersion version,
        boolean disableCheck,
        boolean disableGc,
        List<PluginConf> plugins) {
    static final int MAX_PLUGINS = 32;

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,199}");

    NetworkConf {
        plugins = List.copyOf(plugins);
        if (plugins.isEmpty() || plugins.size() > MAX_PLUGINS) {
            throw new IllegalArgumentException(
                    "plugins: found %d, wanted 1 to %d".formatted(plugins.size(), MAX_PLUGINS));
        }
    }

    /** A list as a {@code .conflist} file has it, without what its folder may add. */
    static NetworkConf ofList(ObjectNode list) {
        return ofList(list, List.of());
    }

    /**
     * A list as a {@code .conflist} file has it, followed by plugins from files of their own.
     *
     * @throws IllegalArgumentException what is wrong with it, found and wanted
     */
    static NetworkConf ofList(ObjectNode list, List<PluginConf> more) {
        var plugins = new ArrayList<PluginConf>();
        var inlined = list.path("plugins");
        if (!inlined.isMissingNode() && !inlined.isArray()) {
            throw new IllegalArgumentException(
                    "plugins: found %s, wanted an array".formatted(Json.kind(inlined)));
        }
        if (inlined.size() > MAX_PLUGINS) {
            throw new IllegalArgumentException(
                    "plugins: found %d, wanted at most %d".formatted(inlined.size(), MAX_PLUGINS));
        }
        for (int i = 0; i < inlined.size(); i++) {
            plugins.add(plugin(i, inlined.get(i)));
        }
        plugins.addAll(more);
        return new NetworkConf(
                nameOf(list),
                versionOf(list),
                flag(list, "disableCheck"),
                flag(list, "disableGC"),
                plugins);
    }

    /** A single plugin as a {@code .conf} file has it: a chain of one. */
    static NetworkConf ofPlugin(ObjectNode plugin) {
        if (plugin.has("plugins") && !plugin.has("type")) {
            throw new IllegalArgumentException(
                    "found a list of plugins, wanted one plugin; rename the file to .conflist");
        }
        return new NetworkConf(
                nameOf(plugin), versionOf(plugin), false, false, List.of(PluginConf.of(plugin)));
    }

    static boolean flag(ObjectNode json, String key) {
        var node = json.path(key);
        if (node.isMissingNode()) {
            return false;
        }
        var text = node.isBoolean() || node.isTextual() ? node.asText() : "";
        if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
            return Boolean.parseBoolean(text);
        }
        throw new IllegalArgumentException(
                "%s: found %s, wanted true or false".formatted(key, Excerpt.of(node.toString())));
    }

    static String nameOf(ObjectNode json) {
        var node = json.path("name");
        if (!node.isTextual() || !NAME.matcher(node.textValue()).matches()) {
            throw new IllegalArgumentException(
                    "name: found %s, wanted letters, digits, '_', '.', '-'"
                            .formatted(
                                    node.isMissingNode() ? "none" : Excerpt.of(node.toString())));
        }
        return node.textValue();
    }

    /** The newest understood one of {@code cniVersion} and {@code cniVersions}. */
    private static CniVersion versionOf(ObjectNode json) {
        var offered = new ArrayList<CniVersion>();
        if (json.has("cniVersion")) {
            offered.add(version(json.path("cniVersion")));
        }
        for (var node : json.path("cniVersions")) {
            offered.add(version(node));
        }
        return offered.stream()
                .filter(CniVersion::isUnderstood)
                .max(CniVersion::compareTo)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "cniVersion: found %s, wanted one of %s"
                                                .formatted(
                                                        offered.isEmpty() ? "none" : offered,
                                                        CniVersion.UNDERSTOOD)));
    }

    private static CniVersion version(JsonNode node) {
        if (!node.isTextual()) {
            throw new IllegalArgumentException(
                    "cniVersion: found %s, wanted a string".formatted(Json.kind(node)));
        }
        return CniVersion.parse(node.textValue());
    }

    private static PluginConf plugin(int index, JsonNode node) {
        if (!(node instanceof ObjectNode object)) {
            throw new IllegalArgumentException(
                    "plugins[%d]: found %s, wanted an object".formatted(index, Json.kind(node)));
        }
        try {
            return PluginConf.of(object);
        } catch (IllegalArgumentException invalid) {
            throw new IllegalArgumentException(
                    "plugins[%d]: %s".formatted(index, invalid.getMessage()), invalid);
        }
    }

    /** As the cache keeps it; {@link #ofList(ObjectNode)} reads it back. */
    ObjectNode toJson() {
        var json = Json.newObject();
        json.put("name", name);
        json.put("cniVersion", version.toString());
        json.put("disableCheck", disableCheck);
        json.put("disableGC", disableGc);
        var array = json.putArray("plugins");
        plugins.forEach(plugin -> array.add(plugin.json().deepCopy()));
        return json;
    }
}
