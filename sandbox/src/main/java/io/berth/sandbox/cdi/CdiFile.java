package io.berth.sandbox.cdi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * One file of devices, checked.
 *
 * @param kind vendor and class of its devices
 * @param edits what changes for whoever gets any of them
 * @param devices what changes for whoever gets one, by its name without the kind
 */
record CdiFile(Path path, String kind, ObjectNode edits, Map<String, ObjectNode> devices) {
    /** Ten times the largest that vendors generate. */
    static final int MAX_BYTES = 8 << 20;

    private static final int MAX_DEPTH = 32;
    private static final ForeignJson JSON =
            ForeignJson.within(JsonLimits.DOCUMENT.withBytes(MAX_BYTES).withDepth(MAX_DEPTH))
                    .refusingDuplicates();

    private static final Map<String, CdiFields.Kind> ROOT =
            Map.of(
                    "cdiVersion", CdiFields.Kind.TEXT,
                    "kind", CdiFields.Kind.TEXT,
                    "annotations", CdiFields.Kind.NAMED_TEXTS,
                    "devices", CdiFields.Kind.OBJECTS,
                    "containerEdits", CdiFields.Kind.OBJECT);
    private static final Map<String, CdiFields.Kind> DEVICE =
            Map.of(
                    "name", CdiFields.Kind.TEXT,
                    "annotations", CdiFields.Kind.NAMED_TEXTS,
                    "containerEdits", CdiFields.Kind.OBJECT);

    CdiFile {
        devices = Map.copyOf(devices);
    }

    /** Reads a file by the end of its name, {@code .json} or {@code .yaml}. */
    static CdiFile parse(Path path, byte[] bytes) throws CdiProblem {
        var tree = path.toString().endsWith(".json") ? json(bytes) : yaml(bytes);
        var needed = List.of("cdiVersion", "kind", "devices");
        var root = CdiFields.checked(tree, "the file", ROOT, needed);
        var kind = root.get("kind").asText();
        if (!CdiName.isKind(kind)) {
            throw new CdiProblem("kind: found '%s', wanted VENDOR/CLASS".formatted(kind));
        }
        var edits = CdiEdits.checked(root.get("containerEdits"), "containerEdits");
        var devices = new LinkedHashMap<String, ObjectNode>();
        boolean annotated = !root.path("annotations").isEmpty();
        for (var each : root.get("devices")) {
            var device = CdiFields.checked(each, "devices", DEVICE, List.of("name"));
            var name = device.get("name").asText();
            if (!CdiName.isDevice(name)) {
                throw new CdiProblem("devices.name: found '%s', wanted a name".formatted(name));
            }
            var own = CdiEdits.checked(device.get("containerEdits"), name + ".containerEdits");
            if (CdiEdits.empty(own)) {
                throw new CdiProblem("device %s: found no containerEdits".formatted(name));
            }
            if (devices.put(name, own) != null) {
                throw new CdiProblem("device %s: found twice".formatted(name));
            }
            annotated |= !device.path("annotations").isEmpty();
        }
        if (devices.isEmpty()) {
            throw new CdiProblem("devices: found none");
        }
        var all = new LinkedHashMap<String, ObjectNode>(devices);
        all.put("", edits);
        CdiVersion.check(root, all, annotated);
        return new CdiFile(path, kind, edits, devices);
    }

    private static JsonNode json(byte[] bytes) throws CdiProblem {
        try {
            return JSON.tree(bytes);
        } catch (MalformedJson e) {
            throw new CdiProblem("is not JSON: " + e.found());
        }
    }

    private static JsonNode yaml(byte[] bytes) throws CdiProblem {
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(0);
        options.setAllowDuplicateKeys(false);
        try {
            var text = new String(bytes, StandardCharsets.UTF_8);
            Object loaded = new Yaml(new SafeConstructor(options)).load(text);
            return new JsonMapper().valueToTree(loaded);
        } catch (YAMLException | IllegalArgumentException e) {
            var message = String.valueOf(e.getMessage());
            throw new CdiProblem("is not YAML: " + message.lines().findFirst().orElse(message));
        }
    }
}
