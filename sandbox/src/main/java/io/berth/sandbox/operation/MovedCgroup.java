package io.berth.sandbox.operation;

import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.foreign.ForeignJson;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.resource.Planned;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.PodSandbox;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * The cgroup of a container that a plugin of the node has put elsewhere. It is the container's
 * alone and goes with it; so it must not exist yet. Cgroups above it that are made for it stay, as
 * they may be others' too.
 */
final class MovedCgroup {
    /** Detail of the leaf that was planned first: where it is instead. */
    private static final String INSTEAD = "instead";

    private MovedCgroup() {}

    /** A container's config.json before and after its plugins. */
    @SuppressWarnings("ArrayRecordComponent") // bytes to be read, never compared
    record Specs(byte[] asked, byte[] wanted) {
        private static String cgroup(byte[] spec) {
            return ForeignJson.OWN
                    .own("config.json", spec)
                    .path("linux")
                    .path("cgroupsPath")
                    .asText();
        }
    }

    /**
     * Plans the removal of the cgroup that plugins want, if it is not the one that was planned.
     *
     * @throws SandboxException.Failed if it is no cgroup, or one that somebody has
     */
    static void plan(Node node, PodSandbox sandbox, Container container, Specs specs)
            throws IOException {
        var wanted = Specs.cgroup(specs.wanted());
        if (wanted.equals(Specs.cgroup(specs.asked()))) {
            return;
        }
        CgroupPath path;
        try {
            path = CgroupPlan.ofSpec(node, sandbox, wanted);
        } catch (IllegalArgumentException none) {
            throw new SandboxException.Failed(
                    "nri adjustment linux.cgroups_path: " + none.getMessage(), none);
        }
        var id = container.id();
        var taken = node.resources().owner(ResourceKind.CGROUP, path.value());
        if (taken.filter(owner -> !owner.equals(id.value())).isPresent()
                || Cgroups.detect(node.linux()).exists(path)) {
            throw new SandboxException.Failed(
                    "nri adjustment linux.cgroups_path: found %s, which exists; wanted one that is"
                                    .formatted(path)
                            + " the container's alone");
        }
        var planned = CgroupPlan.planned(node, sandbox, container);
        node.plan(
                id,
                new Planned(ResourceKind.CGROUP, planned, Map.of(INSTEAD, path.value())),
                new Planned(ResourceKind.CGROUP, path));
    }

    /** Where the cgroup is that was planned at a path; empty if it is there. */
    static Optional<String> of(Node node, String planned) {
        return node.resources().detail(ResourceKind.CGROUP, planned, INSTEAD);
    }
}
