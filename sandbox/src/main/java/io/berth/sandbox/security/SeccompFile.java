package io.berth.sandbox.security;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import io.berth.sandbox.SandboxException;
import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a seccomp profile of the node: the OCI runtime spec's {@code linux.seccomp} as a JSON file.
 * What that does not define is left out, such as Docker's {@code archMap}; what it defines has to
 * have the right type, so that a runtime never meets a profile that it misunderstands.
 */
final class SeccompFile {
    /** More than a hundred times what profiles have. */
    static final int MAX_BYTES = 4 << 20;

    private static final BigInteger MAX_UINT64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    private static final ForeignJson JSON =
            ForeignJson.within(JsonLimits.DOCUMENT.withBytes(MAX_BYTES)).refusingDuplicates();

    private static final Map<String, Kind> PROFILE =
            Map.of(
                    "defaultAction", Kind.ACTION,
                    "defaultErrnoRet", Kind.NUMBER,
                    "architectures", Kind.TEXTS,
                    "flags", Kind.TEXTS,
                    "listenerPath", Kind.TEXT,
                    "listenerMetadata", Kind.TEXT);
    private static final Map<String, Kind> CALL =
            Map.of("names", Kind.TEXTS, "action", Kind.ACTION, "errnoRet", Kind.NUMBER);
    private static final Map<String, Kind> ARGUMENT =
            Map.of(
                    "index", Kind.NUMBER,
                    "value", Kind.NUMBER,
                    "valueTwo", Kind.NUMBER,
                    "op", Kind.TEXT);

    private enum Kind {
        TEXT("a text"),
        ACTION("an action such as SCMP_ACT_ERRNO"),
        NUMBER("a number of 0 or more"),
        TEXTS("a list of texts");

        private final String wanted;

        Kind(String wanted) {
            this.wanted = wanted;
        }

        private boolean fits(JsonNode node) {
            return switch (this) {
                case TEXT -> node.isTextual();
                case ACTION -> node.isTextual() && node.asText().startsWith("SCMP_ACT_");
                case NUMBER -> unsigned(node);
                case TEXTS -> texts(node);
            };
        }
    }

    private final String path;

    private SeccompFile(String path) {
        this.path = path;
    }

    /**
     * The profile in the bytes of a file.
     *
     * @param path names the file in messages
     * @throws SandboxException.InvalidRequest if it is no profile
     */
    static ObjectNode parse(byte[] bytes, String path) {
        return new SeccompFile(path).profile(bytes);
    }

    private ObjectNode profile(byte[] bytes) {
        JsonNode root;
        try {
            root = JSON.tree(bytes);
        } catch (MalformedJson e) {
            throw bad("is not JSON: " + e.found());
        }
        var profile = copy(object(root, "the file"), PROFILE, "");
        if (!profile.has("defaultAction")) {
            throw bad("found no defaultAction, wanted one such as SCMP_ACT_ERRNO");
        }
        var calls = profile.putArray("syscalls");
        for (var call : list(root.get("syscalls"), "syscalls")) {
            var where = "syscalls[" + calls.size() + "]";
            var copy = copy(object(call, where), CALL, where + ".");
            if (!copy.has("names") || !copy.has("action")) {
                throw bad(where + ": found no names or no action, wanted both");
            }
            var arguments = list(call.get("args"), where + ".args");
            if (!arguments.isEmpty()) {
                var copies = copy.putArray("args");
                for (var argument : arguments) {
                    var inner = where + ".args[" + copies.size() + "]";
                    copies.add(copy(object(argument, inner), ARGUMENT, inner + "."));
                }
            }
            calls.add(copy);
        }
        return profile;
    }

    private ObjectNode copy(ObjectNode from, Map<String, Kind> fields, String where) {
        var copy = JsonNodeFactory.instance.objectNode();
        fields.forEach(
                (name, kind) -> {
                    var value = from.get(name);
                    if (value == null || value.isNull()) {
                        return;
                    }
                    if (!kind.fits(value)) {
                        throw bad(where + name + ": found something else, wanted " + kind.wanted);
                    }
                    copy.set(name, value);
                });
        return copy;
    }

    private ObjectNode object(JsonNode node, String where) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw bad(where + ": found something else, wanted an object");
    }

    private JsonNode list(@Nullable JsonNode node, String where) {
        if (node == null || node.isNull()) {
            return JsonNodeFactory.instance.arrayNode();
        }
        if (!node.isArray()) {
            throw bad(where + ": found something else, wanted a list");
        }
        return node;
    }

    private static boolean texts(JsonNode node) {
        if (!node.isArray()) {
            return false;
        }
        for (var each : node) {
            if (!each.isTextual()) {
                return false;
            }
        }
        return true;
    }

    private static boolean unsigned(JsonNode node) {
        return node.isIntegralNumber()
                && node.bigIntegerValue().signum() >= 0
                && node.bigIntegerValue().compareTo(MAX_UINT64) <= 0;
    }

    private SandboxException.InvalidRequest bad(String what) {
        return new SandboxException.InvalidRequest("seccomp profile %s: %s".formatted(path, what));
    }
}
