package io.berth.sandbox.sandbox;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.PodSandbox;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.sandbox.wire.KeptMessage;
import io.berth.sandbox.wire.Listed;
import io.berth.sandbox.wire.WireCost;
import java.util.Map;

/**
 * The part of a sandbox's config that is in memory. Labels and annotations, which may be many, are
 * bytes: fields of a list's entry, which lists send as they are.
 *
 * @param brief metadata, host name, folder of logs, cgroup parent, limits, privilege and the choice
 *     of namespaces; nothing else
 * @param listed the labels and annotations of an {@link PodSandbox entry of a list}
 */
public record SandboxOutline(PodSandboxConfig brief, Listed listed) {

    /** The outline of a config. */
    public static SandboxOutline of(PodSandboxConfig config) {
        var brief =
                PodSandboxConfig.newBuilder()
                        .setHostname(config.getHostname())
                        .setLogDirectory(config.getLogDirectory());
        if (config.hasMetadata()) {
            brief.setMetadata(config.getMetadata());
        }
        if (config.hasLinux()) {
            var asked = config.getLinux();
            var linux = brief.getLinuxBuilder().setCgroupParent(asked.getCgroupParent());
            if (asked.hasOverhead()) {
                linux.setOverhead(asked.getOverhead());
            }
            if (asked.hasResources()) {
                linux.setResources(asked.getResources());
            }
            if (asked.hasSecurityContext()) {
                var context = asked.getSecurityContext();
                linux.getSecurityContextBuilder().setPrivileged(context.getPrivileged());
                if (context.hasNamespaceOptions()) {
                    linux.getSecurityContextBuilder()
                            .setNamespaceOptions(context.getNamespaceOptions());
                }
            }
        }
        var listed =
                PodSandbox.newBuilder()
                        .putAllLabels(config.getLabelsMap())
                        .putAllAnnotations(config.getAnnotationsMap());
        return new SandboxOutline(brief.build(), Listed.of(listed.build().toByteString()));
    }

    static SandboxOutline of(String subject, ByteString brief, ByteString listed) {
        try {
            return new SandboxOutline(PodSandboxConfig.parseFrom(brief), Listed.of(listed));
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

    private PodSandbox entry() {
        try {
            return PodSandbox.parseFrom(listed.bytes());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "labels of a sandbox: found bytes that do not parse: " + e.getMessage(), e);
        }
    }

    SandboxOutline withResources(
            LinuxContainerResources overhead, LinuxContainerResources resources) {
        var changed = brief.toBuilder();
        changed.getLinuxBuilder().setOverhead(overhead).setResources(resources);
        return new SandboxOutline(changed.build(), listed);
    }

    /** The same with labels and annotations that are read from the request when needed. */
    SandboxOutline slim(KeptMessage<PodSandboxConfig> request) {
        return new SandboxOutline(
                brief, listed.onDisk(() -> of(request.unpaid()).listed().stored()));
    }

    /** How many bytes of memory it takes. */
    long weight() {
        return WireCost.of(brief) + listed.weight();
    }
}
