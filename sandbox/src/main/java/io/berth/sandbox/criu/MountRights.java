package io.berth.sandbox.criu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Holds the saved mounts against those of the request: nothing that it does not have, nothing
 * writable that it has read-only, and every masked path masked.
 */
final class MountRights {
    private static final long RDONLY = 0x1;
    private static final Map<String, Long> FLAGS =
            Map.of("ro", RDONLY, "nosuid", 0x2L, "nodev", 0x4L, "noexec", 0x8L);

    /** The kinds of file systems that CRIU mounts afresh, by its numbers (images/mnt.proto). */
    private static final Map<Long, String> KINDS =
            Map.of(
                    1L, "proc",
                    2L, "sysfs",
                    5L, "tmpfs",
                    6L, "devpts",
                    12L, "cgroup",
                    14L, "mqueue",
                    23L, "cgroup2");

    private static final String NOTHING = "/dev/null";

    private final WantedRights wanted;
    private final Predicate<String> onHost;
    private final Map<String, ImageMessage> mounts = new LinkedHashMap<>();

    /**
     * @param onHost whether this kernel has a path of /proc or /sys
     */
    MountRights(WantedRights wanted, Predicate<String> onHost) {
        this.wanted = wanted;
        this.onHost = onHost;
    }

    void check(List<ImageMessage> saved) {
        if (!wanted.namespaces().containsKey("mount")) {
            throw new MalformedImage("mount namespace: found none in the request, wanted one");
        }
        if (wanted.canHave("CAP_SYS_ADMIN")) {
            return; // such a process may mount what it likes
        }
        var ids = new HashMap<Long, String>();
        for (var mount : saved) {
            var at = mount.text("mountpoint");
            if (!at.startsWith("/") || ("/" + at + "/").contains("/../")) {
                throw TaskRights.beyond("mountpoint", at, "an absolute path");
            }
            if (mounts.put(at, mount) != null || ids.put(mount.number("mnt_id"), at) != null) {
                throw new MalformedImage("%s: found two mounts over each other".formatted(at));
            }
        }
        mounts.forEach((at, mount) -> check(at, mount, ids));
        masked();
    }

    private void check(String at, ImageMessage mount, Map<Long, String> ids) {
        if (at.equals("/")) {
            boolean readonly = wanted.spec().at("/root/readonly").asBoolean(false);
            flags(at, mount, readonly ? RDONLY : 0);
        } else {
            if (!parent(at).equals(ids.getOrDefault(mount.number("parent_mnt_id"), ""))) {
                throw new MalformedImage("%s: found it mounted below another mount".formatted(at));
            }
            flags(at, mount, required(at, mount));
        }
        if (mount.number("with_plugin") != 0 || mount.number("deleted") != 0) {
            throw new MalformedImage(
                    "%s: found a mount of a plugin or a removed file".formatted(at));
        }
        boolean shares = mount.number("shared_id") != 0 || mount.number("master_id") != 0;
        if (shares && !propagates(at)) {
            throw new MalformedImage(
                    "%s: found a mount that is shared, wanted a private".formatted(at));
        }
    }

    private boolean propagates(String at) {
        var word = at.equals("/") ? wanted.spec().at("/linux/rootfsPropagation").asText("") : "";
        for (var mount : wanted.spec().path("mounts")) {
            if (like(mount, at)) {
                word += options(mount);
            }
        }
        return word.contains("shared") || word.contains("slave");
    }

    /** Returns the mount in which a mountpoint lies. */
    private String parent(String at) {
        var found = "/";
        for (var other : mounts.keySet()) {
            if (at.startsWith(other + "/") && other.length() > found.length()) {
                found = other;
            }
        }
        return found;
    }

    private static void flags(String at, ImageMessage mount, long required) {
        long has = mount.number("flags") | (mount.number("sb_flags") & RDONLY);
        if ((required & ~has) != 0) {
            throw TaskRights.beyond(
                    at + ": mount flags",
                    "0x%x".formatted(has),
                    "0x%x among them".formatted(required));
        }
    }

    /** Returns the flags that a mount must have by the request. */
    private long required(String at, ImageMessage mount) {
        var key = mount.text("ext_key");
        var kind = KINDS.getOrDefault(mount.number("fstype"), "");
        if (!key.isEmpty()) {
            return external(at, key);
        }
        if (wanted.paths("/linux/maskedPaths").contains(at) && kind.equals("tmpfs")) {
            return RDONLY;
        }
        if (wanted.paths("/linux/readonlyPaths").contains(at)
                && Set.of("proc", "sysfs").contains(kind)) {
            return RDONLY;
        }
        for (var asked : wanted.spec().path("mounts")) {
            var type = asked.path("type").asText();
            var destination = asked.path("destination").asText();
            boolean cgroups =
                    type.equals("cgroup")
                            && Set.of("tmpfs", "cgroup", "cgroup2").contains(kind)
                            && (at.equals(destination) || at.startsWith(destination + "/"));
            if (cgroups || (at.equals(destination) && type.equals(kind))) {
                // runc mounts the folder of cgroup v1's hierarchies read-only in the end; their
                // content is of the kernel, and each hierarchy has the flags of the request.
                return kind.equals("tmpfs") && cgroups ? 0 : flags(asked);
            }
        }
        boolean console = at.equals("/dev/console") && kind.equals("devpts");
        if (console && wanted.spec().at("/process/terminal").asBoolean(false)) {
            return 0;
        }
        throw new MalformedImage(
                "%s: found a mount of %s that the request does not have"
                        .formatted(at, kind.isEmpty() ? "an unknown kind" : kind));
    }

    /** A mount that the OCI runtime gives to CRIU by the key that the image names. */
    private long external(String at, String key) {
        boolean device = false;
        for (var each : wanted.spec().at("/linux/devices")) {
            device |= each.path("path").asText().equals(key);
        }
        if (key.equals(NOTHING) || (device && at.equals(key))) {
            return 0;
        }
        if (!at.equals(key)) {
            throw TaskRights.beyond(at + ": ext_key", key, at);
        }
        long flags = 0;
        boolean known = false;
        for (var asked : wanted.spec().path("mounts")) {
            var cgroup =
                    asked.path("type").asText().equals("cgroup")
                            && at.startsWith(asked.path("destination").asText() + "/");
            if (like(asked, at) || cgroup) {
                known = true;
                flags |= flags(asked);
            }
        }
        if (!known) {
            throw new MalformedImage(
                    "%s: found a mount from outside that the request does not have".formatted(at));
        }
        return flags;
    }

    /**
     * Returns whether a mount of the request may be at a place. Its destination can lead over links
     * of the image, such as /var/run, but keeps its last name.
     */
    private static boolean like(JsonNode asked, String at) {
        var destination = asked.path("destination").asText();
        return destination
                .substring(destination.lastIndexOf('/') + 1)
                .equals(at.substring(at.lastIndexOf('/') + 1));
    }

    private static String options(JsonNode mount) {
        return mount.path("options").toString();
    }

    private static long flags(JsonNode mount) {
        long flags = 0;
        for (var option : mount.path("options")) {
            flags |= FLAGS.getOrDefault(option.asText(), 0L);
        }
        return flags;
    }

    private void masked() {
        for (var path : wanted.paths("/linux/maskedPaths")) {
            var mount = mounts.get(path);
            boolean hidden =
                    mount != null
                            && (mount.text("ext_key").equals(NOTHING)
                                    || mount.number("fstype") == 5);
            if (!hidden && onHost.test(path)) {
                throw new MalformedImage("%s: found it not masked".formatted(path));
            }
        }
        for (var path : wanted.paths("/linux/readonlyPaths")) {
            if (!mounts.containsKey(path) && onHost.test(path)) {
                throw new MalformedImage("%s: found it not read-only".formatted(path));
            }
        }
    }

    /** Returns the places of the mounts that lead out of the container's own files. */
    Set<String> outside() {
        var outside = new HashSet<String>();
        for (var asked : wanted.spec().path("mounts")) {
            if (asked.path("type").asText().equals("bind")) {
                outside.add(asked.path("destination").asText());
            }
        }
        mounts.forEach(
                (at, mount) -> {
                    if (mount.has("ext_key")) {
                        outside.add(at);
                    }
                });
        return outside;
    }
}
