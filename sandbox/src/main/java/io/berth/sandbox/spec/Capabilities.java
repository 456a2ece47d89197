package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cri.v1.Capability;
import io.berth.sandbox.SandboxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The capability sets of a container's process. */
final class Capabilities {
    /** What a container gets unasked. */
    private static final Set<String> DEFAULT =
            Set.of(
                    "CAP_AUDIT_WRITE",
                    "CAP_CHOWN",
                    "CAP_DAC_OVERRIDE",
                    "CAP_FOWNER",
                    "CAP_FSETID",
                    "CAP_KILL",
                    "CAP_MKNOD",
                    "CAP_NET_BIND_SERVICE",
                    "CAP_NET_RAW",
                    "CAP_SETFCAP",
                    "CAP_SETGID",
                    "CAP_SETPCAP",
                    "CAP_SETUID",
                    "CAP_SYS_CHROOT");

    private static final String ALL = "ALL";

    private Capabilities() {}

    /**
     * Defaults, then ALL added, then ALL dropped, then the named ones added, then the named ones
     * dropped. The inheritable set holds the ambient ones alone, so that no file capability of an
     * image widens what a process without root gains.
     *
     * @throws SandboxException.InvalidRequest for a name that is none, or that this machine lacks
     */
    static ObjectNode json(Capability change, HostLimits limits) {
        var held = new HashSet<>(DEFAULT);
        held.retainAll(limits.boundingCapabilities());
        var added = change.getAddCapabilitiesList();
        var dropped = change.getDropCapabilitiesList();
        if (hasAll(added)) {
            held.addAll(limits.boundingCapabilities());
        }
        if (hasAll(dropped)) {
            held.clear();
        }
        held.addAll(present(added, limits, "add_capabilities"));
        var ambient =
                present(change.getAddAmbientCapabilitiesList(), limits, "add_ambient_capabilities");
        held.addAll(ambient);
        var gone = named(dropped, "drop_capabilities");
        held.removeAll(gone);
        ambient.removeAll(gone);
        return sets(CapabilityNames.sorted(held), CapabilityNames.sorted(ambient));
    }

    /** All that there are here, as a privileged process has them. */
    static ObjectNode all(HostLimits limits) {
        return sets(CapabilityNames.sorted(limits.boundingCapabilities()), List.of());
    }

    /** Empty sets: a process that can do nothing special, whoever it runs as. */
    static ObjectNode none() {
        return sets(List.of(), List.of());
    }

    private static ObjectNode sets(List<String> held, List<String> ambient) {
        var json = OciJson.object();
        json.set("bounding", OciJson.array(held));
        json.set("effective", OciJson.array(held));
        json.set("permitted", OciJson.array(held));
        json.set("inheritable", OciJson.array(ambient));
        json.set("ambient", OciJson.array(ambient));
        return json;
    }

    private static boolean hasAll(List<String> names) {
        return names.stream().anyMatch(ALL::equalsIgnoreCase);
    }

    private static Set<String> present(List<String> names, HostLimits limits, String field) {
        var found = named(names, field);
        for (var name : found) {
            if (!limits.boundingCapabilities().contains(name)) {
                throw new SandboxException.InvalidRequest(
                        "%s: found %s, which berth itself may not hold on this machine"
                                .formatted(path(field), name));
            }
        }
        return found;
    }

    private static Set<String> named(List<String> names, String field) {
        var found = new HashSet<String>();
        for (var name : names) {
            if (name.equalsIgnoreCase(ALL)) {
                continue;
            }
            found.add(
                    CapabilityNames.full(name)
                            .orElseThrow(
                                    () ->
                                            new SandboxException.InvalidRequest(
                                                    ("%s: found '%s', wanted a capability such as"
                                                                    + " NET_ADMIN, or ALL")
                                                            .formatted(path(field), name))));
        }
        return found;
    }

    private static String path(String field) {
        return "config.linux.security_context.capabilities." + field;
    }
}
