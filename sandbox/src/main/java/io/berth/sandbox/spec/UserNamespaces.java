package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.IDMapping;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.runtime.HandlerFeatures;
import java.util.List;
import java.util.Optional;

/** The user namespace of a pod: mode POD makes one with the maps given, NODE and none do not. */
public final class UserNamespaces {
    private static final String FIELD = "linux.security_context.namespace_options.userns_options.";

    private UserNamespaces() {}

    /**
     * The maps of a pod's own user namespace, or nothing if it has none.
     *
     * @throws SandboxException.InvalidRequest if the options contradict themselves or the pod's
     *     other namespaces
     */
    public static Optional<IdMaps> of(PodSandboxConfig config) {
        return of(config.getLinux().getSecurityContext().getNamespaceOptions());
    }

    private static Optional<IdMaps> of(NamespaceOption namespaces) {
        if (!namespaces.hasUsernsOptions()) {
            return Optional.empty();
        }
        var asked = namespaces.getUsernsOptions();
        return switch (asked.getMode()) {
            case NODE -> {
                if (asked.getUidsCount() > 0 || asked.getGidsCount() > 0) {
                    throw invalid(
                            "mode: found NODE with %d uids and %d gids, wanted no maps"
                                    .formatted(asked.getUidsCount(), asked.getGidsCount()));
                }
                yield Optional.empty();
            }
            case POD -> {
                refuseHosts("pid", namespaces.getPid());
                refuseHosts("ipc", namespaces.getIpc());
                yield Optional.of(
                        new IdMaps(
                                map(asked.getUidsList(), "uids"),
                                map(asked.getGidsList(), "gids")));
            }
            case CONTAINER, TARGET, UNRECOGNIZED ->
                    throw invalid("mode: found %s, wanted POD or NODE".formatted(asked.getMode()));
        };
    }

    /**
     * The kernel lets a user namespace mount no /proc or mqueue of a namespace that it not owns.
     */
    private static void refuseHosts(String kind, NamespaceMode mode) {
        if (mode == NamespaceMode.NODE) {
            throw invalid(
                    "mode: found POD beside the host's %s namespace, wanted the pod's own"
                            .formatted(kind));
        }
    }

    private static IdMap map(List<IDMapping> asked, String field) {
        if (asked.size() != 1) {
            throw invalid("%s: found %d ranges, wanted exactly one".formatted(field, asked.size()));
        }
        var map = IdMap.of(asked, FIELD + field);
        if (map.ranges().getFirst().containerId() != 0) {
            throw invalid(
                    "%s: found ids from %d on, wanted the container's 0 to be the first"
                            .formatted(field, map.ranges().getFirst().containerId()));
        }
        return map;
    }

    /**
     * Returns if the pod's runtime handler can give the pod what it asks for.
     *
     * @throws SandboxException.InvalidRequest if not
     */
    public static void check(PodSandboxConfig config, HandlerFeatures features) {
        if (of(config).isPresent() && !features.userNamespaces().present()) {
            throw invalid(
                    "mode: found POD, wanted NODE or none: %s"
                            .formatted(features.userNamespaces().reason()));
        }
    }

    /**
     * Returns if a container asks for its pod's user namespace.
     *
     * @throws SandboxException.InvalidRequest if not
     */
    static void checkSame(ContainerConfig container, PodSandboxConfig pod) {
        var asked = of(container.getLinux().getSecurityContext().getNamespaceOptions());
        if (!asked.equals(of(pod))) {
            throw new SandboxException.InvalidRequest(
                    "config.%smode: found %s in a pod with %s, wanted the same"
                            .formatted(FIELD, words(asked), words(of(pod))));
        }
    }

    private static String words(Optional<IdMaps> maps) {
        return maps.map(m -> "uids %s, gids %s".formatted(m.uids(), m.gids()))
                .orElse("no user namespace");
    }

    /** The maps stand beside the namespace's path too: runtimes compare them. */
    static void write(Optional<IdMaps> maps, ObjectNode linux) {
        maps.ifPresent(
                m -> {
                    linux.set("uidMappings", m.uids().json());
                    linux.set("gidMappings", m.gids().json());
                });
    }

    private static SandboxException.InvalidRequest invalid(String message) {
        return new SandboxException.InvalidRequest(FIELD + message);
    }
}
