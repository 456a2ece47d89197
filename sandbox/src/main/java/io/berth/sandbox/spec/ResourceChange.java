package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cri.v1.HugepageLimit;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.SandboxException;

/**
 * New limits for a container that exists: what they make of its request and of its OCI config. As
 * in containerd, what is not set in an update stays as it is.
 */
public final class ResourceChange {
    private final LinuxContainerResources asked;
    private final LinuxContainerResources merged;
    private final HostLimits limits;

    /**
     * Checks a change.
     *
     * @param before what holds for the container
     * @param asked what is to change
     * @throws SandboxException.InvalidRequest for a value that can be no limit, or none beside what
     *     holds for the container
     */
    public ResourceChange(
            LinuxContainerResources before, LinuxContainerResources asked, HostLimits limits) {
        this.asked = asked;
        this.limits = limits;
        this.merged = merge(before, asked);
        ResourceCheck.check(asked, merged);
        var _ = Resources.of(asked, limits); // refuses what this machine's cgroups have no file for
    }

    /** What holds for the container afterwards. */
    public LinuxContainerResources merged() {
        return merged;
    }

    /** Whether nothing would change. */
    public boolean isEmpty() {
        return asked.equals(LinuxContainerResources.getDefaultInstance());
    }

    /** The oom_score_adj of its processes; meaningful if {@link #changesOomScore}. */
    public int oomScoreAdj() {
        return limits.oomScoreAdj(asked.getOomScoreAdj());
    }

    public boolean changesOomScore() {
        return asked.getOomScoreAdj() != 0;
    }

    /** A config.json with the new limits in the place of the old; all else as it was. */
    public byte[] patched(byte[] configJson) {
        var spec = OciJson.parse(configJson);
        if (!(spec.at("/linux/resources") instanceof ObjectNode resources)
                || !(spec.at("/process") instanceof ObjectNode process)) {
            throw new IllegalStateException(
                    "config.json: found no linux.resources or no process, wanted both");
        }
        var change = Resources.of(withSwap(), limits);
        change.remove("devices");
        mergeInto(resources, change);
        if (changesOomScore()) {
            process.put("oomScoreAdj", oomScoreAdj());
        }
        return OciJson.bytes(spec);
    }

    /** The linux.resources of a config.json as a shim takes them for a running container. */
    public static byte[] ofShim(byte[] configJson) {
        var resources = OciJson.parse(configJson).at("/linux/resources").deepCopy();
        if (resources instanceof ObjectNode object) {
            object.remove("devices"); // an update leaves them: to write them anew cuts access
        }
        return OciJson.bytes(resources);
    }

    /** A swap limit that was set stays; without one, swap follows the new memory limit. */
    private LinuxContainerResources withSwap() {
        return asked.toBuilder()
                .setMemorySwapLimitInBytes(merged.getMemorySwapLimitInBytes())
                .build();
    }

    private static void mergeInto(ObjectNode old, ObjectNode change) {
        change.properties()
                .forEach(
                        field -> {
                            var name = field.getKey();
                            if (old.get(name) instanceof ObjectNode inner
                                    && field.getValue() instanceof ObjectNode news) {
                                mergeInto(inner, news);
                            } else if (old.get(name) instanceof ArrayNode pages
                                    && field.getValue() instanceof ArrayNode news) {
                                mergePages(pages, news);
                            } else {
                                old.set(name, field.getValue());
                            }
                        });
    }

    private static void mergePages(ArrayNode old, ArrayNode news) {
        for (JsonNode page : news) {
            for (int i = old.size() - 1; i >= 0; i--) {
                if (old.get(i).path("pageSize").equals(page.path("pageSize"))) {
                    old.remove(i);
                }
            }
            old.add(page);
        }
    }

    private static LinuxContainerResources merge(
            LinuxContainerResources before, LinuxContainerResources asked) {
        // mergeFrom takes every scalar that is set, adds map entries over those of the same key,
        // and appends to lists, in which one limit a page size may stand.
        var merged = before.toBuilder().clearHugepageLimits().mergeFrom(asked);
        for (HugepageLimit limit : before.getHugepageLimitsList()) {
            boolean replaced =
                    asked.getHugepageLimitsList().stream()
                            .anyMatch(each -> each.getPageSize().equals(limit.getPageSize()));
            if (!replaced) {
                merged.addHugepageLimits(limit);
            }
        }
        return merged.build();
    }
}
