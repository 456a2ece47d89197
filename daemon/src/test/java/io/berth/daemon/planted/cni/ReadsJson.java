package io.berth.daemon.planted.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** A reader of JSON with limits of its own, or none. */
final class ReadsJson {
    JsonNode read(byte[] bytes) throws IOException {
        return new JsonMapper().readTree(bytes);
    }
}
