package io.berth.sandbox.security;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Set;

/** Writes into a container's OCI runtime spec what was looked up for it; the last to write. */
public final class SecuritySpec {
    private SecuritySpec() {}

    /** Changes {@code spec}, which has process, mounts and linux already. */
    public static void write(ObjectNode spec, ContainerSecurity found) {
        var linux = spec.withObject("/linux");
        switch (found.seccomp()) {
            case Seccomp.Unconfined _ -> {}
            case Seccomp.RuntimeDefault(var kernel) ->
                    linux.set("seccomp", SeccompDefault.json(bounding(spec), kernel));
            case Seccomp.Profile(var json) -> linux.set("seccomp", json);
        }
        found.labels().write(spec);
        found.devices().write(linux);
        if (found.privileged()) {
            Privilege.write(spec);
        }
        found.cdi().write(spec);
    }

    /** The same for a pod's own process. */
    public static void write(ObjectNode spec, PodSecurity found) {
        if (found.privileged()) {
            Privilege.writableSysfs(spec);
        }
        found.labels().write(spec);
    }

    private static Set<String> bounding(ObjectNode spec) {
        var names = new HashSet<String>();
        spec.at("/process/capabilities/bounding").forEach(name -> names.add(name.asText()));
        return names;
    }
}
