package io.berth.sandbox.criu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The images of one restricted process with one thread more, as CRIU 4.2 writes them. */
final class SavedCheckpoint {
    static final String CGROUP = "/pods/one/container";

    /** What the process was started with. */
    static final String SPEC =
            """
            {"process":{"user":{"uid":1000,"gid":1000,"additionalGids":[1000,2000]},
              "capabilities":{"bounding":["CAP_CHOWN"],"permitted":["CAP_CHOWN"],
                "effective":["CAP_CHOWN"],"inheritable":[],"ambient":[]},
              "noNewPrivileges":true,"oomScoreAdj":100,"apparmorProfile":"berth",
              "rlimits":[{"type":"RLIMIT_NOFILE","soft":100,"hard":100}]},
             "root":{"readonly":true},
             "mounts":[
              {"destination":"/proc","type":"proc","options":["nosuid","noexec","nodev"]},
              {"destination":"/dev","type":"tmpfs","options":["nosuid"]},
              {"destination":"/host","type":"bind","options":["rbind","rprivate","ro"]}],
             "linux":{"maskedPaths":["/proc/self"],"readonlyPaths":["/proc/sys"],
              "namespaces":[{"type":"mount"},{"type":"pid"},{"type":"network","path":"/n"},
               {"type":"ipc","path":"/n"},{"type":"uts","path":"/n"}],
              "seccomp":%s}}
            """
                    .formatted(SeccompProofTest.PROFILE);

    private final Map<String, List<ImageBytes>> files = new LinkedHashMap<>();

    SavedCheckpoint() {
        put(
                "inventory",
                new ImageBytes("inventory")
                        .add("img_version", 2)
                        .add("root_ids", ids(100))
                        .add("root_cg_set", 1)
                        .add("plugins_entry", new ImageBytes("plugins")));
        put(
                "pstree",
                new ImageBytes("pstree")
                        .add("pid", 1)
                        .add("ppid", 0)
                        .add("pgid", 1)
                        .add("sid", 1)
                        .add("threads", 1)
                        .add("threads", 2));
        put("core-1", core().add("tc", task()));
        put("core-2", core());
        put(
                "ids-1",
                ids(200).set("user_ns_id", 106).set("cgroup_ns_id", 107).set("time_ns_id", 108));
        put("netns-202", new ImageBytes("netns").add("ext_key", "extRootNetNS"));
        put("cgroup", cgroup());
        put(
                "seccomp",
                new ImageBytes("seccomp")
                        .add(
                                "seccomp_filters",
                                new ImageBytes("seccomp-filter")
                                        .add(
                                                "filter",
                                                SeccompProofTest.straight(0x7e02_0000, 10)
                                                        .bytes())));
        put(
                "mountpoints-205",
                mount(1, 0, 17, "/", 1),
                mount(2, 1, 1, "/proc", 0xe),
                mount(3, 1, 5, "/dev", 2),
                mount(4, 1, 0, "/host", 1).add("ext_key", "/host"),
                mount(5, 2, 5, "/proc/self", 1),
                mount(6, 2, 1, "/proc/sys", 0xf));
        put("files", file(1, "/bin/program"), socket());
        put(
                "fdinfo-2",
                new ImageBytes("fdinfo").add("id", 1).add("flags", 0).add("type", 1).add("fd", 0));
        put("tty-info", new ImageBytes("tty-info").add("id", 1).add("type", 1));
    }

    private static ImageBytes core() {
        var creds =
                new ImageBytes("creds")
                        .add("uid", 1000)
                        .add("gid", 1000)
                        .add("euid", 1000)
                        .add("egid", 1000)
                        .add("suid", 1000)
                        .add("sgid", 1000)
                        .add("fsuid", 1000)
                        .add("fsgid", 1000)
                        .add("secbits", 0)
                        .add("groups", 2000)
                        .add("no_new_privs", 1)
                        .add("lsm_profile", "berth");
        for (var set : List.of("cap_inh", "cap_prm", "cap_eff", "cap_bnd", "cap_amb")) {
            creds.add(set, set.equals("cap_bnd") ? 1 : 0).add(set, 0);
        }
        var thread =
                new ImageBytes("thread")
                        .add("sched_nice", 0)
                        .add("sched_policy", 0)
                        .add("creds", creds)
                        .add("seccomp_mode", 2)
                        .add("seccomp_filter", 0)
                        .add("cg_set", 2);
        return new ImageBytes("core").add("mtype", 1).add("thread_core", thread);
    }

    private static ImageBytes task() {
        var rlimits = new ImageBytes("rlimits");
        for (int number = 0; number < 16; number++) {
            rlimits.add("rlimits", new ImageBytes("rlimit").add("cur", 1).add("max", 100));
        }
        return new ImageBytes("task")
                .add("task_state", 1)
                .add("exit_code", 0)
                .add("personality", 0)
                .add("flags", 0)
                .add("rlimits", rlimits)
                .add("oom_score_adj", 100);
    }

    private static ImageBytes ids(int from) {
        var ids = new ImageBytes("ids").add("vm_id", 1).add("files_id", 2);
        var fields =
                List.of(
                        "pid_ns_id",
                        "net_ns_id",
                        "ipc_ns_id",
                        "uts_ns_id",
                        "mnt_ns_id",
                        "user_ns_id",
                        "cgroup_ns_id",
                        "time_ns_id");
        for (int at = 0; at < fields.size(); at++) {
            ids.add(fields.get(at), from + 1 + at);
        }
        return ids;
    }

    private static ImageBytes cgroup() {
        var folder =
                new ImageBytes("cgroup-folder")
                        .add("dir_name", CGROUP.substring(1))
                        .add(
                                "properties",
                                new ImageBytes("cgroup-property")
                                        .add("name", "pids.max")
                                        .add("value", "max"));
        return new ImageBytes("cgroup")
                .add(
                        "sets",
                        new ImageBytes("cgroup-set")
                                .add("id", 2)
                                .add(
                                        "ctls",
                                        new ImageBytes("cgroup-member")
                                                .add("name", "pids")
                                                .add("path", CGROUP)))
                .add(
                        "controllers",
                        new ImageBytes("cgroup-controller")
                                .add("cnames", "pids")
                                .add("dirs", folder));
    }

    static ImageBytes mount(int id, int parent, int kind, String at, int flags) {
        return new ImageBytes("mount")
                .add("fstype", kind)
                .add("mnt_id", id)
                .add("root_dev", 1)
                .add("parent_mnt_id", parent)
                .add("flags", flags)
                .add("root", "/")
                .add("mountpoint", at)
                .add("source", "x")
                .add("options", "");
    }

    static ImageBytes file(int id, String name) {
        return new ImageBytes("file")
                .add("type", 1)
                .add("id", id)
                .add(
                        "reg",
                        new ImageBytes("regular")
                                .add("id", id)
                                .add("flags", 0)
                                .add("fown", owner())
                                .add("name", name));
    }

    private static ImageBytes owner() {
        return new ImageBytes("owner")
                .add("uid", 0)
                .add("euid", 0)
                .add("signum", 0)
                .add("pid_type", 0)
                .add("pid", 0);
    }

    private static ImageBytes socket() {
        return new ImageBytes("file")
                .add("type", 5)
                .add("id", 2)
                .add(
                        "usk",
                        new ImageBytes("unix")
                                .add("id", 2)
                                .add("ino", 7)
                                .add("uflags", 0)
                                .add("peer", 0)
                                .add("opts", new ImageBytes("socket").add("so_mark", 0))
                                .add("name", "/run/socket\0"));
    }

    void put(String name, ImageBytes... messages) {
        files.put(name, new ArrayList<>(List.of(messages)));
    }

    void drop(String name) {
        files.remove(name);
    }

    List<ImageBytes> file(String name) {
        return files.getOrDefault(name, List.of());
    }

    ImageBytes first(String name) {
        return file(name).getFirst();
    }

    /** The credentials of a thread. */
    ImageBytes creds(int thread) {
        return thread(thread).inner("creds");
    }

    ImageBytes thread(int thread) {
        return first("core-" + thread).inner("thread_core");
    }

    Map<String, byte[]> bytes() {
        return files.entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey,
                                each -> ImageBytes.file(each.getKey(), each.getValue())));
    }

    void write(Path folder) throws IOException {
        for (var entry : bytes().entrySet()) {
            Files.write(folder.resolve(entry.getKey() + ".img"), entry.getValue());
        }
        Files.writeString(folder.resolve("descriptors.json"), "[]");
        Files.writeString(folder.resolve("pages-1.img"), "memory");
    }
}
