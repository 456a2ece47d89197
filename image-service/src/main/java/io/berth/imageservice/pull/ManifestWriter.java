package io.berth.imageservice.pull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Writes a manifest for an image that came without one; equal images give equal bytes. */
final class ManifestWriter {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ManifestWriter() {}

    static byte[] write(Descriptor config, List<Descriptor> layers) {
        ObjectNode manifest = JSON.createObjectNode();
        manifest.put("schemaVersion", 2);
        manifest.put("mediaType", MediaTypes.OCI_MANIFEST);
        manifest.set("config", descriptor(config));
        var list = manifest.putArray("layers");
        layers.forEach(layer -> list.add(descriptor(layer)));
        return bytes(manifest);
    }

    private static ObjectNode descriptor(Descriptor descriptor) {
        ObjectNode node = JSON.createObjectNode();
        node.put("mediaType", descriptor.mediaType());
        node.put("digest", descriptor.digest().toString());
        node.put("size", descriptor.sizeBytes());
        return node;
    }

    static byte[] bytes(ObjectNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException impossible) {
            throw new AssertionError("a tree of texts and numbers can be written", impossible);
        }
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }
}
