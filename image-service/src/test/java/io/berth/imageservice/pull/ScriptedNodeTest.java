package io.berth.imageservice.pull;

import io.berth.imageservice.registry.ScriptedRegistry;
import io.berth.storage.content.Digest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real stores and a scripted registry for each test, which may close either and open a new one.
 * Layers are unpacked as root.
 */
@Tag("root")
abstract class ScriptedNodeTest {

    @TempDir Path folder;
    ScriptedRegistry registry;
    Node node;

    @BeforeEach
    void start() throws IOException {
        registry = new ScriptedRegistry();
        node = Node.open(folder);
    }

    @AfterEach
    void stop() {
        node.close();
        registry.close();
    }

    /** A name at the registry. */
    String ref(String rest) {
        return registry.authority() + "/" + rest;
    }

    /** What the registry is asked for to send a layer of the image {@code app}. */
    static String blobPath(SampleImage image, int layer) {
        return "/v2/app/blobs/" + Digest.sha256(image.blob(layer));
    }
}
