package io.berth.sandbox.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.storage.metadata.Migration;

/** To version 2: a running container remembers when it was sent its stop signal. */
final class SignalledAt implements Migration {
    @Override
    public int from() {
        return 1;
    }

    @Override
    public ObjectNode migrate(String key, ObjectNode body) {
        if (body.get("state") instanceof ObjectNode state
                && state.path("is").asText().equals("running")) {
            state.putNull("signalledAt");
        }
        return body;
    }
}
