package io.berth.sandbox.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.sandbox.wire.KeptMessage;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Migration;
import java.util.Base64;

/** To version 2: the request's config is a document of its own, and the record has an outline. */
final class RequestKept implements Migration {
    @Override
    public int from() {
        return 1;
    }

    @Override
    public ObjectNode migrate(String key, ObjectNode body) {
        throw new UnsupportedOperationException("the config moves to a document");
    }

    @Override
    public ObjectNode migrate(String key, ObjectNode body, Batch also) {
        var bytes = Base64.getDecoder().decode(body.remove("config").textValue());
        PodSandboxConfig config;
        try {
            config = PodSandboxConfig.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "sandbox %s: its stored config does not parse: %s"
                            .formatted(key, e.getMessage()),
                    e);
        }
        also.putDocument(SandboxStore.REQUESTS, key, config.toByteArray());
        var outline = SandboxOutline.of(config);
        var encoder = Base64.getEncoder();
        body.putPOJO("request", KeptMessage.Mark.of(config));
        body.put("brief", encoder.encodeToString(outline.brief().toByteArray()));
        body.put("listed", encoder.encodeToString(outline.listed().stored().toByteArray()));
        return body;
    }
}
