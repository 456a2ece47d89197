package io.berth.sandbox.criu;

import java.util.List;
import java.util.Map;

/**
 * Holds the namespaces of saved processes against those of the request. CRIU leaves a process in
 * its own namespaces, which are the host's, where the image names the same one for both.
 */
final class NamespaceRights {
    private static final Map<String, String> FIELDS =
            Map.of(
                    "pid", "pid_ns_id",
                    "network", "net_ns_id",
                    "ipc", "ipc_ns_id",
                    "uts", "uts_ns_id",
                    "mount", "mnt_ns_id",
                    "user", "user_ns_id",
                    "cgroup", "cgroup_ns_id",
                    "time", "time_ns_id");

    /** Files that hold a namespace's content, with the number of the namespace in their names. */
    private static final Map<String, String> FILES =
            Map.of(
                    "netns", "net_ns_id",
                    "pidns", "pid_ns_id",
                    "utsns", "uts_ns_id",
                    "ipcns-var", "ipc_ns_id",
                    "mountpoints", "mnt_ns_id");

    private final WantedRights wanted;
    private final ImageFolder images;

    NamespaceRights(WantedRights wanted, ImageFolder images) {
        this.wanted = wanted;
        this.images = images;
    }

    /** Returns the ids of a process: in a file of their own, or in its core image. */
    ImageMessage ids(long pid) {
        if (images.has("ids-" + pid)) {
            return images.one("ids-" + pid);
        }
        return images.one("core-" + pid)
                .message("ids")
                .orElseThrow(() -> new MalformedImage("ids-%d.img: found none".formatted(pid)));
    }

    void check(List<Long> pids) {
        var root = ids(pids.getFirst());
        for (long pid : pids) {
            if (TaskRights.dead(images.one("core-" + pid))) {
                continue; // a zombie has none
            }
            same(root, ids(pid), pid);
            images.one("core-" + pid).message("ids").ifPresent(ids -> same(root, ids, pid));
        }
        var host =
                images.one("inventory")
                        .message("root_ids")
                        .orElseThrow(() -> new MalformedImage("inventory.img: found no root_ids"));
        var asked = wanted.namespaces();
        FIELDS.forEach(
                (type, field) -> {
                    boolean own = root.number(field) != host.number(field);
                    if (own != asked.containsKey(type)) {
                        throw TaskRights.beyond(
                                type + " namespace",
                                own ? "one of its own" : "the host's",
                                own ? "the host's" : "one of its own");
                    }
                });
        external(root, "netns", "net_ns_id", asked.getOrDefault("network", ""), "extRootNetNS");
        external(root, "pidns", "pid_ns_id", asked.getOrDefault("pid", ""), "extRootPidNS");
        FILES.forEach(
                (kind, field) -> {
                    for (long id : images.numbers(kind)) {
                        if (id != root.number(field)) {
                            throw new MalformedImage(
                                    "%s-%d.img: found another namespace than that of the processes"
                                            .formatted(kind, id));
                        }
                    }
                });
    }

    private static void same(ImageMessage root, ImageMessage ids, long pid) {
        for (var field : FIELDS.values()) {
            if (ids.number(field) != root.number(field)) {
                throw TaskRights.beyond(
                        field + " of process " + pid, ids.number(field), root.number(field));
            }
        }
    }

    /** A namespace that exists already is joined by its key; OCI runtimes give it that name. */
    private void external(ImageMessage root, String kind, String field, String path, String key) {
        var name = kind + "-" + root.number(field);
        var found = images.has(name) ? images.one(name).text("ext_key") : "";
        var most = path.isEmpty() ? "" : key;
        if (!found.equals(most)) {
            throw TaskRights.beyond(
                    name + ".img: ext_key",
                    found.isEmpty() ? "none" : found,
                    most.isEmpty() ? "none" : most);
        }
    }
}
