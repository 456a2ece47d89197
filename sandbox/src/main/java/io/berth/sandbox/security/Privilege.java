package io.berth.sandbox.security;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** Takes from the spec of a privileged container what hides the host from it. */
final class Privilege {
    private static final Set<String> WRITABLE = Set.of("sysfs", "cgroup", "cgroup2");

    private Privilege() {}

    /** Nothing is masked, the kernel's files can be written, and the cgroups are the host's. */
    static void write(ObjectNode spec) {
        var linux = spec.withObject("/linux");
        linux.putArray("maskedPaths");
        linux.putArray("readonlyPaths");
        writable(spec, WRITABLE);
        if (linux.get("namespaces") instanceof ArrayNode namespaces) {
            namespaces.removeIf(Privilege::ofCgroups);
        }
    }

    /**
     * A pod's pause process is the first to mount the sysfs of the pod's network namespace. The
     * kernel keeps one for the namespace: read-only once, it would be so in every container.
     */
    static void writableSysfs(ObjectNode spec) {
        writable(spec, Set.of("sysfs"));
    }

    private static void writable(ObjectNode spec, Set<String> types) {
        for (var mount : spec.withArray("/mounts")) {
            if (types.contains(mount.path("type").asText())
                    && mount.get("options") instanceof ArrayNode options) {
                replace(options, "ro", "rw");
            }
        }
    }

    private static boolean ofCgroups(JsonNode namespace) {
        return namespace.path("type").asText().equals("cgroup");
    }

    private static void replace(ArrayNode options, String old, String other) {
        for (int i = 0; i < options.size(); i++) {
            if (options.get(i).asText().equals(old)) {
                options.set(i, other);
            }
        }
    }
}
