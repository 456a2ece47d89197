package io.berth.sandbox.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.storage.metadata.Migration;

/** To version 3: a container that is being removed remembers how it had ended. */
final class EndKept implements Migration {
    @Override
    public int from() {
        return 2;
    }

    @Override
    public ObjectNode migrate(String key, ObjectNode body) {
        if (body.get("state") instanceof ObjectNode state
                && state.path("is").asText().equals("removing")) {
            state.putNull("ended");
        }
        return body;
    }
}
