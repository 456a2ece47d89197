package io.berth.sandbox.cdi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks a {@code containerEdits} of a CDI file; what passes can be written as it is. */
final class CdiEdits {
    static final Set<String> HOOKS =
            Set.of(
                    "prestart",
                    "createRuntime",
                    "createContainer",
                    "startContainer",
                    "poststart",
                    "poststop");

    private static final Set<String> TYPES = Set.of("", "b", "c", "u", "p");
    private static final Pattern PERMISSIONS = Pattern.compile("none|[rwm]*");
    private static final int MAX_CLOS_CHARACTERS = 4095;

    private static final Map<String, CdiFields.Kind> EDITS =
            Map.of(
                    "env", CdiFields.Kind.TEXTS,
                    "deviceNodes", CdiFields.Kind.OBJECTS,
                    "netDevices", CdiFields.Kind.OBJECTS,
                    "mounts", CdiFields.Kind.OBJECTS,
                    "hooks", CdiFields.Kind.OBJECTS,
                    "intelRdt", CdiFields.Kind.OBJECT,
                    "additionalGids", CdiFields.Kind.IDS);
    private static final Map<String, CdiFields.Kind> DEVICE =
            Map.of(
                    "path", CdiFields.Kind.TEXT,
                    "hostPath", CdiFields.Kind.TEXT,
                    "type", CdiFields.Kind.TEXT,
                    "major", CdiFields.Kind.NUMBER,
                    "minor", CdiFields.Kind.NUMBER,
                    "fileMode", CdiFields.Kind.ID,
                    "permissions", CdiFields.Kind.TEXT,
                    "uid", CdiFields.Kind.ID,
                    "gid", CdiFields.Kind.ID);
    private static final Map<String, CdiFields.Kind> NETWORK =
            Map.of("hostInterfaceName", CdiFields.Kind.TEXT, "name", CdiFields.Kind.TEXT);
    private static final Map<String, CdiFields.Kind> MOUNT =
            Map.of(
                    "hostPath", CdiFields.Kind.TEXT,
                    "containerPath", CdiFields.Kind.TEXT,
                    "options", CdiFields.Kind.TEXTS,
                    "type", CdiFields.Kind.TEXT);
    private static final Map<String, CdiFields.Kind> HOOK =
            Map.of(
                    "hookName", CdiFields.Kind.TEXT,
                    "path", CdiFields.Kind.TEXT,
                    "args", CdiFields.Kind.TEXTS,
                    "env", CdiFields.Kind.TEXTS,
                    "timeout", CdiFields.Kind.NUMBER);
    private static final Map<String, CdiFields.Kind> RDT =
            Map.of(
                    "closID", CdiFields.Kind.TEXT,
                    "l3CacheSchema", CdiFields.Kind.TEXT,
                    "memBwSchema", CdiFields.Kind.TEXT,
                    "schemata", CdiFields.Kind.TEXTS,
                    "enableMonitoring", CdiFields.Kind.FLAG);

    private CdiEdits() {}

    /** The edits, none if absent, each list with its elements checked. */
    static ObjectNode checked(@Nullable JsonNode node, String where) throws CdiProblem {
        if (node == null || node.isNull()) {
            return JsonNodeFactory.instance.objectNode();
        }
        var edits = CdiFields.checked(node, where, EDITS, List.of());
        environment(CdiFields.list(edits, "env"), where + ".env");
        for (var device : CdiFields.list(edits, "deviceNodes")) {
            device(device, where + ".deviceNodes");
        }
        for (var network : CdiFields.list(edits, "netDevices")) {
            var at = where + ".netDevices";
            CdiFields.checked(network, at, NETWORK, List.of("hostInterfaceName", "name"));
        }
        for (var mount : CdiFields.list(edits, "mounts")) {
            var at = where + ".mounts";
            var checked = CdiFields.checked(mount, at, MOUNT, List.of("hostPath", "containerPath"));
            absolute(checked.get("containerPath").asText(), at + ".containerPath");
        }
        for (var hook : CdiFields.list(edits, "hooks")) {
            hook(hook, where + ".hooks");
        }
        if (edits.has("intelRdt")) {
            rdt(edits.get("intelRdt"), where + ".intelRdt");
        }
        return edits;
    }

    private static void device(JsonNode node, String where) throws CdiProblem {
        var device = CdiFields.checked(node, where, DEVICE, List.of("path"));
        absolute(device.get("path").asText(), where + ".path");
        if (!TYPES.contains(device.path("type").asText())) {
            throw new CdiProblem(
                    "%s.type: found '%s', wanted b, c, u or p"
                            .formatted(where, device.get("type").asText()));
        }
        if (!PERMISSIONS.matcher(device.path("permissions").asText()).matches()) {
            throw new CdiProblem(
                    "%s.permissions: found '%s', wanted some of r, w and m, or none"
                            .formatted(where, device.get("permissions").asText()));
        }
    }

    private static void hook(JsonNode node, String where) throws CdiProblem {
        var hook = CdiFields.checked(node, where, HOOK, List.of("hookName", "path"));
        if (!HOOKS.contains(hook.get("hookName").asText())) {
            throw new CdiProblem(
                    "%s.hookName: found '%s', wanted a hook of the OCI runtime spec"
                            .formatted(where, hook.get("hookName").asText()));
        }
        absolute(hook.get("path").asText(), where + ".path");
        environment(CdiFields.list(hook, "env"), where + ".env");
        if (hook.has("timeout") && hook.get("timeout").asLong() <= 0) {
            throw new CdiProblem(where + ".timeout: wanted more than 0 seconds");
        }
    }

    private static void rdt(JsonNode node, String where) throws CdiProblem {
        var clos = CdiFields.checked(node, where, RDT, List.of()).path("closID").asText();
        boolean fileName =
                clos.length() <= MAX_CLOS_CHARACTERS
                        && !Set.of(".", "..").contains(clos)
                        && clos.indexOf('/') < 0
                        && clos.indexOf('\n') < 0;
        if (!fileName && !clos.equals("/")) {
            throw new CdiProblem(where + ".closID: found no name of a file");
        }
    }

    private static void environment(Iterable<JsonNode> variables, String where) throws CdiProblem {
        for (var variable : variables) {
            if (variable.asText().indexOf('=') <= 0) {
                throw new CdiProblem(where + ": found an entry without NAME=");
            }
        }
    }

    private static void absolute(String path, String where) throws CdiProblem {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new CdiProblem("%s: found '%s', wanted an absolute path".formatted(where, path));
        }
    }

    /** Whether there is nothing to do. */
    static boolean empty(ObjectNode edits) {
        var names = new HashSet<String>();
        for (var field : edits.properties()) {
            if (!field.getValue().isEmpty()) {
                names.add(field.getKey());
            }
        }
        return names.isEmpty() && !edits.has("intelRdt");
    }
}
