package io.berth.sandbox.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.stream.Stream;

/**
 * The image that a saved container's files build on.
 *
 * @param id the digest of its config; empty in what containerd writes
 * @param reference by digest, or an id where CRI-O wrote it; empty where there was none
 * @param name as its pod named it
 */
public record SavedImage(String id, String reference, String name) {
    public static final String ID = "imageId";
    public static final String REFERENCE = "rootfsImageRef";
    public static final String NAME = "rootfsImageName";

    static SavedImage read(SavedFiles files, String file, JsonNode config) throws IOException {
        var id = text(config, ID);
        var reference = text(config, REFERENCE);
        if (id.isEmpty() && reference.isEmpty()) {
            id = SavedPod.text(files, file, config, ID);
        }
        return new SavedImage(id, reference, SavedPod.text(files, file, config, NAME));
    }

    private static String text(JsonNode config, String field) {
        var value = config.path(field);
        return value.isTextual() ? value.textValue() : "";
    }

    /** What names this image and no other, the surest first. */
    public String exact() {
        return Stream.of(id, reference).filter(each -> !each.isEmpty()).findFirst().orElse(name);
    }
}
