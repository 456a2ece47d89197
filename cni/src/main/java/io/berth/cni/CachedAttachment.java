package io.berth.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cni.owed.FailedAdd;
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
 */
record CachedAttachment(
        String sandboxId,
        String interfaceName,
        Path netns,
        NetworkConf network,
        Capabilities capabilities,
        Origin origin,
        Outcome outcome) {
    private static final String FORMAT = "berth-attachment";
    private static final int VERSION = 1;

    /**
     * Where an attachment came from.
     *
     * @param folder the folder of its network's configuration, if that is not the node's
     */
    record Origin(Optional<Path> folder, Instant startedAt) {}

    /**
     * What became of the ADD; neither is there while it runs, and after a daemon that was killed
     * meanwhile.
     *
     * @param result there once the chain's last ADD has succeeded
     * @param failure there once a plugin has answered its ADD with an error
     */
    record Outcome(Optional<CniResult> result, Optional<FailedAdd> failure) {
        static final Outcome OPEN = new Outcome(Optional.empty(), Optional.empty());
    }

    Optional<CniResult> result() {
        return outcome.result();
    }

    CachedAttachment withResult(CniResult done) {
        return with(network, new Outcome(Optional.of(done), Optional.empty()));
    }

    CachedAttachment withFailure(FailedAdd failed) {
        return with(network, new Outcome(Optional.empty(), Optional.of(failed)));
    }

    /** Returns this attachment with another configuration of its network. */
    CachedAttachment by(NetworkConf other) {
        return with(other, outcome);
    }

    private CachedAttachment with(NetworkConf by, Outcome became) {
        return new CachedAttachment(
                sandboxId, interfaceName, netns, by, capabilities, origin, became);
    }

    /** As messages name it. */
    String subject() {
        return "pod %s: network %s".formatted(sandboxId, network.name());
    }

    Attachment describe() {
        return new Attachment(
                sandboxId,
                network.name(),
                interfaceName,
                result().isPresent(),
                netns,
                origin.startedAt());
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
        json.put("startedAt", origin.startedAt().toString());
        origin.folder().ifPresent(folder -> json.put("folder", folder.toString()));
        result().ifPresent(done -> json.set("result", done.json().deepCopy()));
        outcome.failure()
                .ifPresent(
                        failed ->
                                json.putObject("failure")
                                        .put("plugin", failed.plugin())
                                        .put("code", failed.answer().code())
                                        .put("problem", failed.answer().problem()));
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
                new Origin(
                        json.has("folder")
                                ? Optional.of(Path.of(text(json, "folder")))
                                : Optional.empty(),
                        instant(text(json, "startedAt"))),
                new Outcome(result, failure(json)));
    }

    private static Optional<FailedAdd> failure(ObjectNode json) {
        if (!json.has("failure")) {
            return Optional.empty();
        }
        var failed = object(json, "failure");
        var answer = new FailedAdd.Answer(failed.path("code").asInt(), text(failed, "problem"));
        return Optional.of(new FailedAdd(failed.path("plugin").asInt(), answer));
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
