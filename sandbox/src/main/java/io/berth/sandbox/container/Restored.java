package io.berth.sandbox.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.storage.metadata.Migration;

/** To version 4: a container knows whether it goes on from a checkpoint; none did before. */
final class Restored implements Migration {
    @Override
    public int from() {
        return 3;
    }

    @Override
    public ObjectNode migrate(String key, ObjectNode body) {
        return body.put("restored", false);
    }
}
