package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;

/**
 * An OCI config of the operator's that ours is laid over: it keeps what ours does not say, such as
 * hooks, rlimits and mounts on other places. Lists are ours as a whole, except mounts, which are
 * its own where ours mounts nothing, and then ours.
 */
public final class UnderlyingSpec {
    private static final ForeignJson JSON = ForeignJson.within(JsonLimits.DOCUMENT).allowingMore();

    private final Optional<ObjectNode> base;

    private UnderlyingSpec(Optional<ObjectNode> base) {
        this.base = base;
    }

    /** No such config: ours alone. */
    public static UnderlyingSpec none() {
        return new UnderlyingSpec(Optional.empty());
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if the bytes are no JSON object
     */
    public static UnderlyingSpec parse(byte[] json) {
        try {
            if (JSON.tree(json) instanceof ObjectNode object) {
                return new UnderlyingSpec(Optional.of(object));
            }
            throw new IllegalArgumentException("found no JSON object, wanted an OCI config");
        } catch (MalformedJson e) {
            throw new IllegalArgumentException(
                    "is not JSON: line %d: %s".formatted(e.line(), e.found()), e);
        }
    }

    /**
     * Our config over this one.
     *
     * @param more annotations that yield to those of ours
     */
    public byte[] under(byte[] config, Map<String, String> more) {
        if (base.isEmpty() && more.isEmpty()) {
            return config;
        }
        var ours = (ObjectNode) OciJson.parse(config);
        var spec = base.map(ObjectNode::deepCopy).orElseGet(OciJson::object);
        var annotations = OciJson.object(more);
        if (ours.get("annotations") instanceof ObjectNode own) {
            annotations.setAll(own);
        }
        ours.set("annotations", annotations);
        over(spec, ours);
        return OciJson.bytes(spec);
    }

    private static void over(ObjectNode below, ObjectNode above) {
        for (var field : above.properties()) {
            var name = field.getKey();
            JsonNode value = field.getValue();
            if (below.get(name) instanceof ObjectNode inner && value instanceof ObjectNode news) {
                over(inner, news);
            } else if (name.equals("mounts")
                    && below.get(name) instanceof ArrayNode old
                    && value instanceof ArrayNode news) {
                below.set(name, mounts(old, news));
            } else {
                below.set(name, value);
            }
        }
    }

    private static ArrayNode mounts(ArrayNode below, ArrayNode above) {
        var taken = new HashSet<String>();
        above.forEach(mount -> taken.add(mount.path("destination").asText()));
        var mounts = OciJson.array();
        for (var mount : below) {
            if (!taken.contains(mount.path("destination").asText())) {
                mounts.add(mount);
            }
        }
        return mounts.addAll(above);
    }
}
