package io.berth.imageservice.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.storage.metadata.Migration;

/** Images of version 1 kept no annotations; they have none until they are pulled again. */
final class WithAnnotations implements Migration {

    @Override
    public int from() {
        return 1;
    }

    @Override
    public ObjectNode migrate(String key, ObjectNode body) {
        body.putObject("annotations");
        return body;
    }
}
