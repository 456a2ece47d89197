package io.berth.sandbox.cdi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** The versions of the Container Device Interface, and which fields each brought. */
final class CdiVersion {
    private static final List<String> KNOWN =
            List.of(
                    "0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0",
                    "1.1.0");

    private CdiVersion() {}

    /** Fails unless the file's version is known and has every field that the file uses. */
    static void check(ObjectNode root, Map<String, ObjectNode> edits, boolean annotated)
            throws CdiProblem {
        var written = root.get("cdiVersion").asText();
        var version = written.startsWith("v") ? written.substring(1) : written;
        if (!KNOWN.contains(version)) {
            throw new CdiProblem(
                    "cdiVersion: found '%s', wanted one of %s".formatted(written, KNOWN));
        }
        var needed = needed(root, edits, annotated);
        if (KNOWN.indexOf(version) < KNOWN.indexOf(needed)) {
            throw new CdiProblem(
                    "cdiVersion: found %s, but the file uses fields of %s"
                            .formatted(written, needed));
        }
    }

    private static String needed(
            ObjectNode root, Map<String, ObjectNode> edits, boolean annotated) {
        var all = edits.values();
        if (all.stream().anyMatch(CdiVersion::ofNewRdtOrNetwork)) {
            return "1.1.0";
        }
        if (all.stream().anyMatch(e -> e.has("intelRdt") || has(e, "additionalGids"))) {
            return "0.7.0";
        }
        var kind = root.get("kind").asText();
        if (annotated || kind.substring(kind.indexOf('/')).contains(".")) {
            return "0.6.0";
        }
        if (all.stream().anyMatch(e -> anyHas(e, "deviceNodes", "hostPath"))
                || edits.keySet().stream().anyMatch(CdiVersion::beginsWithDigit)) {
            return "0.5.0";
        }
        return all.stream().anyMatch(e -> anyHas(e, "mounts", "type")) ? "0.4.0" : "0.3.0";
    }

    private static boolean beginsWithDigit(String device) {
        return !device.isEmpty() && Character.isDigit(device.charAt(0));
    }

    private static boolean ofNewRdtOrNetwork(ObjectNode edits) {
        var rdt = edits.path("intelRdt");
        return has(edits, "netDevices")
                || rdt.has("schemata")
                || rdt.path("enableMonitoring").asBoolean();
    }

    private static boolean has(ObjectNode edits, String list) {
        return !CdiFields.list(edits, list).isEmpty();
    }

    private static boolean anyHas(ObjectNode edits, String list, String field) {
        for (var each : CdiFields.list(edits, list)) {
            if (!each.path(field).asText().isEmpty()) {
                return true;
            }
        }
        return false;
    }
}
