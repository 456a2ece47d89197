package io.berth.sandbox.criu;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells whether CRIU, given the images in a folder, restores processes that have no more rights
 * than the OCI config of a request gives. The images decide what CRIU does; what a checkpoint says
 * about itself elsewhere does not count.
 */
public final class SavedRights {
    /** As many as the kernel's largest pid allows and no node runs in one container. */
    private static final int MAX_THREADS = 65_536;

    private static final String HARD_LIMITS = "/proc/self/limits";

    private final String title;
    private final WantedRights wanted;
    private final List<Long> limits;

    private SavedRights(String title, WantedRights wanted, List<Long> limits) {
        this.title = title;
        this.wanted = wanted;
        this.limits = limits;
    }

    /**
     * Returns if the processes in the images can go on under the config.
     *
     * @param title the container in messages
     * @param images the folder that CRIU will read, which nobody else can write to
     * @param spec the OCI config of the request
     * @throws SandboxException.WrongState naming the image and the right that is too much, or what
     *     berth does not know
     */
    public static void require(String title, Path images, byte[] spec) throws IOException {
        var limits = KernelLimits.hard(Files.readAllLines(Path.of(HARD_LIMITS)));
        require(title, images, ForeignJson.OWN.own("config.json", spec), limits);
    }

    static void require(String title, Path images, JsonNode spec, List<Long> limits)
            throws IOException {
        new SavedRights(title, new WantedRights(spec), limits).check(images);
    }

    private void check(Path folder) throws IOException {
        try {
            check(ImageFolder.read(folder));
        } catch (MalformedImage malformed) {
            throw new SandboxException.WrongState(
                    "container %s: the process images of its checkpoint are refused: %s"
                            .formatted(title, malformed.reason()));
        }
    }

    private void check(ImageFolder images) {
        inventory(images.one("inventory"));
        var threads = processes(images);
        var pids = List.copyOf(threads.keySet());
        var namespaces = new NamespaceRights(wanted, images);
        namespaces.check(pids);
        var filters =
                new SavedFilters(
                        wanted,
                        images.messages("seccomp").stream()
                                .flatMap(each -> each.messages("seccomp_filters").stream())
                                .toList());
        var tasks = new TaskRights(wanted, limits, filters);
        var cgroups = new HashSet<Long>();
        threads.forEach(
                (pid, own) -> {
                    for (long thread : own) {
                        var core = images.one("core-" + thread);
                        try {
                            tasks.check(core, thread == pid);
                        } catch (MalformedImage beyond) {
                            throw new MalformedImage(
                                    "core-%d.img: %s".formatted(thread, beyond.reason()));
                        }
                        if (!TaskRights.dead(core)) {
                            cgroups.add(cgroup(core));
                        }
                    }
                });
        long root = cgroup(images.one("core-" + pids.getFirst()));
        new CgroupRights(wanted, images).check(root, cgroups);
        var mounts = new MountRights(wanted, path -> Files.exists(Path.of(path)));
        long namespace = namespaces.ids(pids.getFirst()).number("mnt_ns_id");
        mounts.check(images.messages("mountpoints-" + namespace));
        new FileRights(wanted, images, mounts.outside()).check();
    }

    private static void inventory(ImageMessage inventory) {
        if (inventory.number("img_version") != 2) {
            throw TaskRights.beyond("img_version", inventory.number("img_version"), "2");
        }
        for (var flag : List.of("tcp_close", "allow_uprobes")) {
            if (inventory.number(flag) != 0) {
                throw TaskRights.beyond("inventory.img: " + flag, "true", "false");
            }
        }
        if (!inventory.has("plugins_entry")) {
            throw TaskRights.beyond("inventory.img: plugins_entry", "none", "an empty one");
        }
    }

    /** A zombie has its cgroup in the part that only processes have. */
    private static long cgroup(ImageMessage core) {
        var thread = core.message("thread_core").filter(each -> each.has("cg_set"));
        var task = core.message("tc").filter(each -> each.has("cg_set"));
        if (thread.isPresent() && task.isPresent()) {
            throw TaskRights.beyond("cg_set", "two", "one");
        }
        return thread.or(() -> task)
                .orElseThrow(() -> new MalformedImage("cg_set: found none"))
                .number("cg_set");
    }

    /** Returns the threads of each process, the first process first. */
    private Map<Long, List<Long>> processes(ImageFolder images) {
        var processes = new LinkedHashMap<Long, List<Long>>();
        var all = new HashSet<Long>();
        for (var entry : images.messages("pstree")) {
            long pid = entry.number("pid");
            var parent = entry.number("ppid");
            boolean known = processes.isEmpty() ? parent == 0 : processes.containsKey(parent);
            if (!known || processes.containsKey(pid) || pid < 1) {
                throw new MalformedImage(
                        "pstree.img: found process %d of %d, wanted one below the first"
                                .formatted(pid, parent));
            }
            var threads = new ArrayList<>(entry.numbers("threads"));
            if (!threads.contains(pid)) {
                throw new MalformedImage(
                        "pstree.img: found process %d without itself".formatted(pid));
            }
            for (long thread : threads) {
                if (!all.add(thread)) {
                    throw new MalformedImage("pstree.img: found %d twice".formatted(thread));
                }
            }
            if (all.size() > MAX_THREADS) {
                throw new MalformedImage(
                        "pstree.img: found more than %d threads".formatted(MAX_THREADS));
            }
            processes.put(pid, threads);
        }
        if (processes.isEmpty()) {
            throw new MalformedImage("pstree.img: found no process");
        }
        boolean ownNumbers = wanted.namespaces().getOrDefault("pid", "none").isEmpty();
        long first = processes.keySet().iterator().next();
        if (ownNumbers && first != 1) {
            throw TaskRights.beyond("pstree.img: first process", first, "1");
        }
        for (var name : Set.of("core", "ids", "mm", "fs")) {
            for (long number : images.numbers(name)) {
                if (!all.contains(number)) {
                    throw new MalformedImage(
                            "%s-%d.img: found no such process in pstree.img"
                                    .formatted(name, number));
                }
            }
        }
        return processes;
    }
}
