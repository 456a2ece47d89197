package io.berth.sandbox.criu;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.sandbox.spec.CapabilityNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rights that a container has by its OCI config, and those that its processes can come to by
 * themselves.
 */
final class WantedRights {
    private static final List<String> RLIMITS =
            List.of(
                    "CPU",
                    "FSIZE",
                    "DATA",
                    "STACK",
                    "CORE",
                    "RSS",
                    "NPROC",
                    "NOFILE",
                    "MEMLOCK",
                    "AS",
                    "LOCKS",
                    "SIGPENDING",
                    "MSGQUEUE",
                    "NICE",
                    "RTPRIO",
                    "RTTIME");

    private final JsonNode spec;

    WantedRights(JsonNode spec) {
        this.spec = spec;
    }

    JsonNode spec() {
        return spec;
    }

    boolean noNewPrivileges() {
        return spec.at("/process/noNewPrivileges").asBoolean(false);
    }

    long bounding() {
        return capabilities("bounding");
    }

    /**
     * Returns the capabilities that a process of the container can have. Without no_new_privs a
     * program of the image can be setuid root, which gives it the whole bounding set.
     */
    long reachable() {
        return noNewPrivileges()
                ? capabilities("permitted") | capabilities("ambient")
                : capabilities("bounding");
    }

    boolean canHave(String capability) {
        return (reachable() & CapabilityNames.mask(List.of(capability))) != 0;
    }

    private long capabilities(String set) {
        return CapabilityNames.mask(texts(spec.at("/process/capabilities/" + set)));
    }

    /** Returns whether a process can take another user id than the one that it starts with. */
    boolean changesUsers() {
        return !noNewPrivileges() || canHave("CAP_SETUID");
    }

    boolean changesGroups() {
        return !noNewPrivileges() || canHave("CAP_SETGID");
    }

    long uid() {
        return spec.at("/process/user/uid").asLong();
    }

    long gid() {
        return spec.at("/process/user/gid").asLong();
    }

    Set<Long> groups() {
        var groups = new HashSet<Long>();
        groups.add(gid());
        spec.at("/process/user/additionalGids").forEach(each -> groups.add(each.asLong()));
        return groups;
    }

    /** Returns the label of the security module; empty if the request has none. */
    String label() {
        var appArmor = spec.at("/process/apparmorProfile").asText("");
        return appArmor.isEmpty() ? spec.at("/process/selinuxLabel").asText("") : appArmor;
    }

    /** Returns the hard limits that the request has, by the numbers of the kernel. */
    Map<Integer, Long> hardLimits() {
        var limits = new HashMap<Integer, Long>();
        for (var limit : spec.at("/process/rlimits")) {
            int number = RLIMITS.indexOf(limit.path("type").asText().replace("RLIMIT_", ""));
            limits.put(number, limit.path("hard").bigIntegerValue().longValue());
        }
        return limits;
    }

    static String limitName(int number) {
        return number < RLIMITS.size() ? "RLIMIT_" + RLIMITS.get(number) : "limit " + number;
    }

    /** Returns the type of each namespace, with the path of one that exists already. */
    Map<String, String> namespaces() {
        var namespaces = new HashMap<String, String>();
        for (var each : spec.at("/linux/namespaces")) {
            namespaces.put(each.path("type").asText(), each.path("path").asText(""));
        }
        return namespaces;
    }

    List<String> paths(String pointer) {
        return texts(spec.at(pointer));
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(each -> texts.add(each.asText()));
        return texts;
    }
}
