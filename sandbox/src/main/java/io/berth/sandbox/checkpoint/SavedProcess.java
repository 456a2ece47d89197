package io.berth.sandbox.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.sandbox.SandboxException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Holds the OCI config that a request comes to against the one that a container was saved with. A
 * process goes on as it was: what cannot be given to it any more must be what it has. The cgroup
 * and its limits, sources of mounts, names of namespaces and annotations are the new pod's.
 */
public final class SavedProcess {
    private static final int MAX_QUOTED_CHARS = 300;
    private static final String HOSTNAME = "HOSTNAME";

    /** Parts of the config that CRIU restores as they were saved. */
    private static final List<String> SAME =
            List.of(
                    "/process/args",
                    "/process/cwd",
                    "/process/terminal",
                    "/process/user/uid",
                    "/process/user/gid",
                    "/process/user/additionalGids",
                    "/process/capabilities",
                    "/process/noNewPrivileges",
                    "/process/rlimits",
                    "/process/apparmorProfile",
                    "/root/readonly",
                    "/linux/seccomp",
                    "/linux/devices",
                    "/linux/maskedPaths",
                    "/linux/readonlyPaths",
                    "/linux/uidMappings",
                    "/linux/gidMappings",
                    "/linux/rootfsPropagation");

    private SavedProcess() {}

    /**
     * Returns if the process can go on under the config of the request.
     *
     * @param hostnameAsked whether the request itself sets HOSTNAME, which else is the new pod's
     * @throws SandboxException.WrongState naming the first part that differs; of the environment
     *     only the names of variables
     */
    public static void requireSame(SavedContainer saved, byte[] wanted, boolean hostnameAsked) {
        var spec = ForeignJson.OWN.own("config.json", wanted);
        for (var pointer : SAME) {
            var before = saved.spec().at(pointer);
            var now = spec.at(pointer);
            if (!(empty(before) && empty(now)) && !before.equals(now)) {
                throw differs(saved, pointer.substring(1).replace('/', '.'), before, now);
            }
        }
        environment(saved, spec, hostnameAsked);
        same(saved, "mounts", mounts(saved.spec()), mounts(spec));
        same(saved, "linux.namespaces", namespaces(saved.spec()), namespaces(spec));
    }

    private static boolean empty(JsonNode node) {
        return node.isMissingNode()
                || node.isNull()
                || (node.isContainerNode() && node.isEmpty())
                || (node.isBoolean() && !node.booleanValue())
                || (node.isTextual() && node.textValue().isEmpty());
    }

    private static void environment(SavedContainer saved, JsonNode spec, boolean hostnameAsked) {
        var before = variables(saved.spec());
        var now = variables(spec);
        if (!hostnameAsked) {
            before.remove(HOSTNAME);
            now.remove(HOSTNAME);
        }
        if (!before.equals(now)) {
            var names = new TreeSet<>(before.keySet());
            names.addAll(now.keySet());
            names.removeIf(
                    name -> before.containsKey(name) && before.get(name).equals(now.get(name)));
            throw new SandboxException.WrongState(
                    ("container %s: process.env: found other values of %s in its checkpoint than"
                                    + " the request has, wanted the same; a restored process keeps"
                                    + " those that it was saved with")
                            .formatted(saved.name(), cut(names.toString())));
        }
    }

    private static Map<String, String> variables(JsonNode spec) {
        var variables = new TreeMap<String, String>();
        for (var entry : spec.at("/process/env")) {
            var text = entry.asText();
            int equals = text.indexOf('=');
            if (equals > 0) {
                variables.put(text.substring(0, equals), text.substring(equals + 1));
            }
        }
        return variables;
    }

    /** Where which kind is mounted, and how; from where may change. */
    private static Set<String> mounts(JsonNode spec) {
        var mounts = new TreeSet<String>();
        for (var mount : spec.path("mounts")) {
            var options = new TreeSet<String>();
            mount.path("options").forEach(option -> options.add(option.asText()));
            options.removeIf(option -> option.startsWith("context="));
            mounts.add(
                    "%s (%s %s)"
                            .formatted(
                                    mount.path("destination").asText(),
                                    mount.path("type").asText(),
                                    String.join(",", options)));
        }
        return mounts;
    }

    private static Set<String> namespaces(JsonNode spec) {
        var namespaces = new TreeSet<String>();
        for (var namespace : spec.at("/linux/namespaces")) {
            namespaces.add(
                    namespace.path("type").asText()
                            + (namespace.path("path").asText().isEmpty() ? "" : " (the pod's)"));
        }
        return namespaces;
    }

    private static void same(
            SavedContainer saved, String part, Set<String> before, Set<String> now) {
        if (!before.equals(now)) {
            var gone = new TreeSet<>(before);
            gone.removeAll(now);
            var added = new TreeSet<>(now);
            added.removeAll(before);
            throw differs(saved, part, gone, added);
        }
    }

    private static SandboxException.WrongState differs(
            SavedContainer saved, String part, Object before, Object now) {
        return new SandboxException.WrongState(
                "container %s: %s: found %s in its checkpoint, wanted %s as the request comes to; a restored process keeps what it was saved with"
                        .formatted(saved.name(), part, cut(shown(before)), cut(shown(now))));
    }

    private static String shown(Object value) {
        var text = value.toString();
        return text.isEmpty() ? "none" : text;
    }

    private static String cut(String text) {
        return text.length() <= MAX_QUOTED_CHARS ? text : text.substring(0, MAX_QUOTED_CHARS) + "…";
    }
}
