package io.berth.sandbox.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import java.io.IOException;

/**
 * What a runtime's {@code features} prints (runtime-spec, features.md and features-linux.md):
 *
 * <pre>
 * {"mountOptions": ["ro", "rro", …],
 *  "linux": {"namespaces": ["user", …], "mountExtensions": {"idmap": {"enabled": true}}}}
 * </pre>
 */
final class FeaturesDocument {
    static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 32;

    private static final ForeignJson JSON =
            ForeignJson.within(JsonLimits.ANSWER.withBytes(MAX_BYTES).withDepth(MAX_DEPTH))
                    .allowingMore();

    private FeaturesDocument() {}

    /**
     * What the document says that its runtime can do.
     *
     * @param runtime the binary, for the reasons
     * @throws IOException if it is not a JSON object
     */
    static HandlerFeatures parse(String runtime, byte[] document) throws IOException {
        if (document.length > MAX_BYTES) {
            throw new IOException("%s features: found over %d bytes".formatted(runtime, MAX_BYTES));
        }
        JsonNode features;
        try {
            features = JSON.tree(document);
        } catch (MalformedJson malformed) {
            throw new IOException(
                    "%s features: is not JSON: %s".formatted(runtime, malformed.found()),
                    malformed);
        }
        if (!features.isObject()) {
            throw new IOException("%s features: found no JSON object".formatted(runtime));
        }
        return new HandlerFeatures(recursiveReadOnly(runtime, features), userns(runtime, features));
    }

    private static Feature recursiveReadOnly(String runtime, JsonNode features) {
        return holds(features.path("mountOptions"), "rro")
                ? Feature.PRESENT
                : Feature.absent("%s lists no mount option rro".formatted(runtime));
    }

    private static Feature userns(String runtime, JsonNode features) {
        if (!holds(features.at("/linux/namespaces"), "user")) {
            return Feature.absent("%s lists no user namespaces".formatted(runtime));
        }
        return features.at("/linux/mountExtensions/idmap/enabled").asBoolean(false)
                ? Feature.PRESENT
                : Feature.absent(
                        "%s lists no id-mapped mounts; runc 1.2 has them".formatted(runtime));
    }

    private static boolean holds(JsonNode array, String value) {
        for (var element : array) {
            if (element.asText().equals(value)) {
                return true;
            }
        }
        return false;
    }
}
