package io.berth.sandbox.criu;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Holds the cgroups of saved processes together: all below that of the first process, which CRIU
 * replaces by the container's. CRIU makes folders and writes files by the names in the image.
 */
final class CgroupRights {
    private static final Pattern FOLDER = Pattern.compile("(?!\\.{1,2}$)[^/\\x00]{1,255}");
    private static final Pattern PROPERTY = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}");
    private static final Pattern CONTROLLER = Pattern.compile("(name=)?[A-Za-z0-9_,.-]{0,127}");
    private static final Set<String> RUNS_PROGRAMS = Set.of("release_agent");

    private final WantedRights wanted;
    private final ImageFolder images;

    CgroupRights(WantedRights wanted, ImageFolder images) {
        this.wanted = wanted;
        this.images = images;
    }

    /**
     * @param root the cgroup set of the first process
     * @param used the sets of all processes and threads
     */
    void check(long root, Set<Long> used) {
        long inherited = images.one("inventory").number("root_cg_set");
        var sets = new HashMap<Long, Map<String, String>>();
        var all = images.messages("cgroup");
        for (var image : all) {
            for (var set : image.messages("sets")) {
                if (sets.put(set.number("id"), members(set)) != null) {
                    throw new MalformedImage("cgroup.img: found two sets of one id");
                }
            }
        }
        if (root == inherited && used.equals(Set.of(root))) {
            if (all.stream().anyMatch(image -> !image.messages("controllers").isEmpty())) {
                throw new MalformedImage("cgroup.img: found cgroups that no process is in");
            }
            return;
        }
        var top = sets.get(root);
        if (root == inherited || top == null) {
            throw new MalformedImage(
                    "cg_set: found the cgroup of CRIU itself or none (%d)".formatted(root));
        }
        for (long each : used) {
            var set = sets.get(each);
            if (set == null || !set.keySet().equals(top.keySet())) {
                throw new MalformedImage("cg_set: found set %d, wanted one of all".formatted(each));
            }
            set.forEach(
                    (name, path) -> {
                        var above = top.getOrDefault(name, "");
                        if (!path.equals(above) && !path.startsWith(above + "/")) {
                            throw TaskRights.beyond("cgroup " + name, path, above);
                        }
                    });
        }
        var tops = new HashSet<>(top.values());
        all.forEach(image -> image.messages("controllers").forEach(each -> folders(each, tops)));
    }

    private Map<String, String> members(ImageMessage set) {
        var members = new HashMap<String, String>();
        for (var member : set.messages("ctls")) {
            var path = member.text("path");
            if (!CONTROLLER.matcher(member.text("name")).matches() || !clean(path)) {
                throw TaskRights.beyond("cgroup", path, "the path of a container's cgroup");
            }
            if (member.number("cgns_prefix") != 0 && !wanted.namespaces().containsKey("cgroup")) {
                throw TaskRights.beyond("cgns_prefix", member.number("cgns_prefix"), "none");
            }
            if (members.put(member.text("name"), path) != null) {
                throw new MalformedImage("cgroup.img: found a controller twice in one set");
            }
        }
        return members;
    }

    /** A path of ordinary names; never the root, in which limits hold for nobody. */
    private static boolean clean(String path) {
        if (!path.startsWith("/") || path.length() < 2) {
            return false;
        }
        return List.of(path.substring(1).split("/", -1)).stream()
                .allMatch(name -> FOLDER.matcher(name).matches());
    }

    private static void folders(ImageMessage controller, Set<String> tops) {
        for (var name : controller.bytes("cnames")) {
            if (!CONTROLLER.matcher(controller.text("cnames", name)).matches()) {
                throw TaskRights.beyond("cgroup controller", name.toStringUtf8(), "a plain name");
            }
        }
        for (var folder : controller.messages("dirs")) {
            if (!tops.contains("/" + folder.text("dir_name"))) {
                throw TaskRights.beyond("cgroup folder", folder.text("dir_name"), tops);
            }
            content(folder);
        }
    }

    private static void content(ImageMessage folder) {
        for (var property : folder.messages("properties")) {
            var name = property.text("name");
            if (!PROPERTY.matcher(name).matches() || RUNS_PROGRAMS.contains(name)) {
                throw TaskRights.beyond("cgroup property", name, "the name of a limit");
            }
        }
        for (var child : folder.messages("children")) {
            if (!FOLDER.matcher(child.text("dir_name")).matches()) {
                throw TaskRights.beyond("cgroup folder", child.text("dir_name"), "a plain name");
            }
            content(child);
        }
    }
}
