package io.berth.sandbox.container;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.cri.v1.Container;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.Mount;
import io.berth.sandbox.wire.KeptMessage;
import io.berth.sandbox.wire.Listed;
import io.berth.sandbox.wire.WireCost;
import java.util.Map;

/**
 * The part of a container's config that is in memory. Labels and annotations, which may be many,
 * are bytes: fields of a list's entry, which lists send as they are.
 *
 * @param brief metadata, image, streams, limits, the choice of namespaces and of the seccomp
 *     profile, devices of CDI and mounts of images; nothing else
 * @param listed the labels and annotations of an {@link Container entry of a list}
 */
public record ContainerOutline(ContainerConfig brief, Listed listed) {

    /** The outline of a config. */
    public static ContainerOutline of(ContainerConfig config) {
        var asked = config.getLinux();
        var brief =
                ContainerConfig.newBuilder()
                        .setImage(config.getImage())
                        .setStdin(config.getStdin())
                        .setStdinOnce(config.getStdinOnce())
                        .setTty(config.getTty());
        if (config.hasMetadata()) {
            brief.setMetadata(config.getMetadata());
        }
        if (asked.hasResources()) {
            brief.getLinuxBuilder().setResources(asked.getResources());
        }
        if (asked.getSecurityContext().hasNamespaceOptions()) {
            brief.getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .setNamespaceOptions(asked.getSecurityContext().getNamespaceOptions());
        }
        if (asked.getSecurityContext().hasSeccomp()) {
            brief.getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .setSeccomp(asked.getSecurityContext().getSeccomp());
        }
        brief.addAllCDIDevices(config.getCDIDevicesList());
        config.getMountsList().stream().filter(Mount::hasImage).forEach(brief::addMounts);
        var listed =
                Container.newBuilder()
                        .putAllLabels(config.getLabelsMap())
                        .putAllAnnotations(config.getAnnotationsMap());
        return new ContainerOutline(brief.build(), Listed.of(listed.build().toByteString()));
    }

    static ContainerOutline of(String subject, ByteString brief, ByteString listed) {
        try {
            return new ContainerOutline(ContainerConfig.parseFrom(brief), Listed.of(listed));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "%s: its stored outline does not parse: %s".formatted(subject, e.getMessage()),
                    e);
        }
    }

    Map<String, String> labels() {
        return entry().getLabelsMap();
    }

    Map<String, String> annotations() {
        return entry().getAnnotationsMap();
    }

    private Container entry() {
        try {
            return Container.parseFrom(listed.bytes());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "labels of a container: found bytes that do not parse: " + e.getMessage(), e);
        }
    }

    ContainerOutline withResources(LinuxContainerResources resources) {
        var changed = brief.toBuilder();
        changed.getLinuxBuilder().setResources(resources);
        return new ContainerOutline(changed.build(), listed);
    }

    /** The same with labels and annotations that are read from the request when needed. */
    ContainerOutline slim(KeptMessage<ContainerConfig> request) {
        return new ContainerOutline(
                brief, listed.onDisk(() -> of(request.unpaid()).listed().stored()));
    }

    /** How many bytes of memory it takes. */
    long weight() {
        return WireCost.of(brief) + listed.weight();
    }
}
