package io.berth.sandbox.container;

import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.cri.v1.LinuxContainerResources;
import java.util.Base64;
import java.util.Map;

/**
 * New limits for a container, as they were asked for: what is not set stays as it is.
 *
 * @param annotations for the shim, which may know what to do with them
 */
public record ResourceUpdate(LinuxContainerResources asked, Map<String, String> annotations) {
    public ResourceUpdate {
        annotations = Map.copyOf(annotations);
    }

    /** The form that is stored: the limits as the bytes of their message, in base 64. */
    record Stored(String asked, Map<String, String> annotations) {}

    Stored stored() {
        return new Stored(Base64.getEncoder().encodeToString(asked.toByteArray()), annotations);
    }

    static ResourceUpdate of(String container, Stored stored) {
        try {
            return new ResourceUpdate(
                    LinuxContainerResources.parseFrom(Base64.getDecoder().decode(stored.asked())),
                    stored.annotations());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "container %s: its stored update does not parse: %s"
                            .formatted(container, e.getMessage()),
                    e);
        }
    }
}
