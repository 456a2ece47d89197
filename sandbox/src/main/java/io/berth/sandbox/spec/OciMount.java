package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One mount of a runtime spec (runtime-spec, config.md, Mounts).
 *
 * @param ids how the mount shows the owners of its files; nothing leaves them as they are
 */
record OciMount(
        String destination,
        String type,
        String source,
        List<String> options,
        Optional<IdMaps> ids) {
    OciMount {
        options = List.copyOf(options);
    }

    OciMount(String destination, String type, String source, List<String> options) {
        this(destination, type, source, options, Optional.empty());
    }

    /** A bind mount of the whole tree at {@code source}. */
    static OciMount bind(Path source, String destination, List<String> options) {
        return new OciMount(destination, "bind", source.toString(), options);
    }

    OciMount withIds(Optional<IdMaps> shown) {
        return new OciMount(destination, type, source, options, shown);
    }

    int depth() {
        return Path.of(destination).normalize().getNameCount();
    }

    static ArrayNode json(List<OciMount> mounts) {
        var json = OciJson.array();
        mounts.forEach(mount -> json.add(mount.json()));
        return json;
    }

    private ObjectNode json() {
        var json = OciJson.object();
        json.put("destination", destination);
        json.put("type", type);
        json.put("source", source);
        json.set("options", OciJson.array(options));
        ids.ifPresent(
                maps -> {
                    json.set("uidMappings", maps.uids().json());
                    json.set("gidMappings", maps.gids().json());
                });
        return json;
    }
}
