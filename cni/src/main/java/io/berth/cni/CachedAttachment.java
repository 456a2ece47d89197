package io.berth.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * What an attachment was made with: enough to undo it whatever became of the configuration.
 *
 * @param network the whole chain as it was at ADD
 * @param capabilities what was offered at ADD
 * @param result empty until the chain's last ADD succeeded
 */
record CachedAttachment(
        String sandboxId,
        String interfaceName,
        Path netns,
        NetworkConf network,
        Capabilities capabilities,
        Instant startedAt,
        Optional<CniResult> result) {
    private static final String FORMAT = "berth-attachment";
    private static final int VERSION = 1;

    CachedAttachment withResult(CniResult done) {
        return new CachedAttachment(
                sandboxId,
                interfaceName,
                netns,
                network,
                capabilities,
                startedAt,
                Optional.of(done));
    }

    /** As messages name it. */
    String subject() {
        return "pod %s: network %s".formatted(sandboxId, network.name());
    }

    Attachment describe() {
        return new Attachment(
                sandboxId, network.name(), interfaceName, result.isPresent(), netns, startedAt);
    }

    /** The layout is drawn in the package's documentation. */
    ObjectNode toJson() {
        var json = Json.newObject();
        json.put("format", FORMAT);
        json.put("version", VERSION);
        json.put("sandbox", sandboxId);
        json.put("interface", interfaceName);
        json.put("netns", netns.toString());
        json.set("network", network.toJson());
        var args = json.putObject("args");
        capabilities.environment().forEach(args::put);
        json.set("capabilities", capabilities.arguments().deepCopy());
        json.put("startedAt", startedAt.toString());
        result.ifPresent(done -> json.set("result", done.json().deepCopy()));
        return json;
    }

    /**
     * @throws IllegalArgumentException not such a file, or of another version
     */
    static CachedAttachment ofJson(ObjectNode json) {
        if (!json.path("format").asText().equals(FORMAT)
                || json.path("version").asInt() != VERSION) {
            throw new IllegalArgumentException(
                    "found format \"%s\" version %s, wanted %s version %d"
                            .formatted(
                                    Excerpt.of(json.path("format").asText()),
                                    Excerpt.of(json.path("version").asText()),
                                    FORMAT,
                                    VERSION));
        }
        var network = NetworkConf.ofList(object(json, "network"));
        var environment = new LinkedHashMap<String, String>();
        for (var entry : object(json, "args").properties()) {
            environment.put(entry.getKey(), entry.getValue().asText());
        }
        var result =
                json.get("result") instanceof ObjectNode done
                        ? Optional.of(ResultParser.parse(Json.bytes(done), network.version()))
                        : Optional.<CniResult>empty();
        return new CachedAttachment(
                text(json, "sandbox"),
                text(json, "interface"),
                Path.of(text(json, "netns")),
                network,
                new Capabilities(object(json, "capabilities"), environment),
                instant(text(json, "startedAt")),
                result);
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException invalid) {
            throw new IllegalArgumentException("startedAt: " + invalid.getMessage(), invalid);
        }
    }

    private static ObjectNode object(ObjectNode json, String key) {
        if (json.get(key) instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalArgumentException(key + ": found no object, wanted one");
    }

    private static String text(ObjectNode json, String key) {
        JsonNode node = json.path(key);
        if (!node.isTextual()) {
            throw new IllegalArgumentException(key + ": found no string, wanted one");
        }
        return node.textValue();
    }
}
