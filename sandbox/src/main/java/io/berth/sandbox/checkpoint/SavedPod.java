package io.berth.sandbox.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What the checkpoint of a pod holds.
 *
 * <pre>
 * FOLDER/pod.options   {"version": 1, "containers": {"NAME": "ID"}}
 *        pod.dump      the sandbox: id, name, runtime handler, kind of OCI runtime, its config
 *        NAME/         one folder a container, see {@link SavedContainer}
 * </pre>
 *
 * @param runtime which OCI runtime made it, as runc or crun: another one cannot read it
 * @param containers by their names
 */
public record SavedPod(String runtime, Map<String, SavedContainer> containers) {
    public static final String OPTIONS = "pod.options";
    public static final String DUMP = "pod.dump";
    public static final int VERSION = 1;

    /** How many containers a checkpoint may have. */
    static final int MAX_CONTAINERS = 1024;

    private static final int MAX_JSON_BYTES = 8 << 20;
    private static final int MAX_NAME = 255;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final ForeignJson JSON =
            ForeignJson.within(JsonLimits.DOCUMENT.withBytes(MAX_JSON_BYTES)).allowingMore();

    public SavedPod {
        containers = Map.copyOf(containers);
    }

    /**
     * Reads what stands beside the processes' images.
     *
     * @throws SandboxException.WrongState naming the file that is missing or makes no sense
     */
    public static SavedPod read(SavedFiles files) throws IOException {
        var options = json(files, OPTIONS);
        var version = options.path("version");
        if (!version.isInt() || version.intValue() != VERSION) {
            throw files.refused(OPTIONS, "version " + version, Integer.toString(VERSION));
        }
        var ids = options.path("containers");
        if (!ids.isObject() || ids.isEmpty() || ids.size() > MAX_CONTAINERS) {
            throw files.refused(
                    OPTIONS,
                    "%d containers".formatted(ids.size()),
                    "1 to %d".formatted(MAX_CONTAINERS));
        }
        var containers = new LinkedHashMap<String, SavedContainer>();
        for (var name : new TreeSet<>(names(ids))) {
            if (!isFolderName(name)) {
                throw files.refused(
                        OPTIONS, "a container named '%s'".formatted(name), "the name of a folder");
            }
            containers.put(name, SavedContainer.read(files, name));
        }
        return new SavedPod(text(files, DUMP, json(files, DUMP), "runtime"), containers);
    }

    private static Collection<String> names(JsonNode object) {
        var names = new TreeSet<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Whether a container of this name has a folder of its own in a checkpoint. */
    public static boolean isFolderName(String name) {
        return name.length() <= MAX_NAME
                && NAME.matcher(name).matches()
                && !name.equals(OPTIONS)
                && !name.equals(DUMP);
    }

    static JsonNode json(SavedFiles files, String name) throws IOException {
        try {
            var document = JSON.tree(files.read(name, MAX_JSON_BYTES));
            if (!document.isObject()) {
                throw files.refused(name, "no JSON object", "one");
            }
            return document;
        } catch (MalformedJson e) {
            throw files.refused(name, "no JSON: " + e.found(), "a JSON object");
        }
    }

    static String text(SavedFiles files, String file, JsonNode document, String field) {
        var value = document.path(field);
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw files.refused(file, "no text as '%s'".formatted(field), "some");
        }
        return value.textValue();
    }
}
