package io.berth.sandbox.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedRightsTest {
    private static final List<Long> LIMITS = Collections.nCopies(16, 100L);
    private static final List<String> SETS =
            List.of("cap_inh", "cap_prm", "cap_eff", "cap_bnd", "cap_amb");

    @TempDir private Path top;
    private int round;

    @SuppressWarnings("NullAway.Init")
    private ObjectNode spec;

    @BeforeEach
    void readSpec() throws IOException {
        spec = (ObjectNode) SeccompProofTest.json(SavedCheckpoint.SPEC);
    }

    private void check(Consumer<SavedCheckpoint> change) throws IOException {
        var saved = new SavedCheckpoint();
        change.accept(saved);
        round++;
        var folder = Files.createDirectory(top.resolve(Integer.toString(round)));
        saved.write(folder);
        SavedRights.require("c", folder, spec, LIMITS);
    }

    private void refused(String part, Consumer<SavedCheckpoint> change) {
        assertThatThrownBy(() -> check(change))
                .as("%s", part)
                .isInstanceOf(SandboxException.WrongState.class)
                .hasMessageStartingWith("container c: the process images of its checkpoint are")
                .hasMessageContaining(part);
    }

    @Test
    void whatTheRequestGivesIsLetThrough() {
        assertThatCode(() -> check(saved -> {})).doesNotThrowAnyException();
    }

    @Test
    void everyCapabilitySetOfEveryThreadIsHeld() {
        for (int thread : new int[] {1, 2}) {
            for (var set : SETS) {
                refused("core-" + thread, saved -> saved.creds(thread).set(set, 1 << 21, 0));
                refused(set, saved -> saved.creds(thread).set(set, 0, 1 << 7));
                refused(set, saved -> saved.creds(thread).set(set, 0, 0, 0));
            }
        }
    }

    @Test
    void credentialsAreThoseOfTheRequest() {
        for (int thread : new int[] {1, 2}) {
            for (var field : List.of("uid", "euid", "suid", "fsuid")) {
                refused(field, saved -> saved.creds(thread).set(field, 0));
            }
            for (var field : List.of("gid", "egid", "sgid", "fsgid", "groups")) {
                refused(field, saved -> saved.creds(thread).set(field, 0));
            }
            refused("secbits", saved -> saved.creds(thread).set("secbits", 1));
            refused("no_new_privs", saved -> saved.creds(thread).set("no_new_privs", 0));
            refused("no_new_privs", saved -> saved.creds(thread).drop("no_new_privs"));
            refused("lsm_profile", saved -> saved.creds(thread).drop("lsm_profile"));
            refused("lsm_profile", saved -> saved.creds(thread).set("lsm_profile", "unconfined"));
            refused("lsm_sockcreate", saved -> saved.creds(thread).set("lsm_sockcreate", "x"));
            refused("creds: found none", saved -> saved.thread(thread).drop("creds"));
        }
    }

    @Test
    void withoutNoNewPrivilegesThePrivilegesOfTheBoundingSetCanBeHad() throws IOException {
        ((ObjectNode) spec.get("process")).put("noNewPrivileges", false);
        check(saved -> saved.creds(1).set("uid", 0).set("cap_prm", 1, 0).set("no_new_privs", 0));
        refused("cap_prm", saved -> saved.creds(1).set("cap_prm", 2, 0));
    }

    @Test
    void seccompIsAtLeastTheProfile() {
        var open = new BpfCode().end(BpfCode.ALLOW).bytes();
        for (int thread : new int[] {1, 2}) {
            refused("seccomp_mode", saved -> saved.thread(thread).set("seccomp_mode", 0));
            refused("seccomp_mode", saved -> saved.thread(thread).drop("seccomp_mode"));
            refused("seccomp_filter", saved -> saved.thread(thread).set("seccomp_filter", 1));
        }
        refused(
                "allow more than the request's profile: call ",
                saved -> saved.first("seccomp").inner("seccomp_filters").set("filter", open));
        refused("leads to no end", saved -> saved.drop("seccomp"));
        refused(
                "flags 0x8",
                saved -> saved.first("seccomp").inner("seccomp_filters").set("flags", 8));
        // A chain with the profile in it is as strict as the profile.
        assertThatCode(
                        () ->
                                check(
                                        saved -> {
                                            saved.first("seccomp")
                                                    .add(
                                                            "seccomp_filters",
                                                            new ImageBytes("seccomp-filter")
                                                                    .add("filter", open)
                                                                    .add("prev", 0));
                                            saved.thread(1).set("seccomp_filter", 1);
                                        }))
                .doesNotThrowAnyException();
        refused(
                "leads to no end",
                saved ->
                        saved.first("seccomp")
                                .inner("seccomp_filters")
                                .set("filter", open)
                                .set("prev", 0));
    }

    @Test
    void namespacesAreThoseOfTheRequest() {
        for (var field : List.of("pid_ns_id", "net_ns_id", "mnt_ns_id", "ipc_ns_id", "uts_ns_id")) {
            int host =
                    101
                            + List.of(
                                            "pid_ns_id",
                                            "net_ns_id",
                                            "ipc_ns_id",
                                            "uts_ns_id",
                                            "mnt_ns_id")
                                    .indexOf(field);
            refused("found the host's", saved -> saved.first("ids-1").set(field, host));
        }
        refused("user namespace", saved -> saved.first("ids-1").set("user_ns_id", 9));
        refused("netns-202.img: ext_key", saved -> saved.first("netns-202").drop("ext_key"));
        refused("netns-202.img: ext_key", saved -> saved.drop("netns-202"));
        refused("root_ids", saved -> saved.first("inventory").drop("root_ids"));
        refused("mountpoints-9.img", saved -> saved.put("mountpoints-9"));
        refused(
                "of process 5",
                saved -> {
                    saved.file("pstree")
                            .add(
                                    new ImageBytes("pstree")
                                            .add("pid", 5)
                                            .add("ppid", 1)
                                            .add("threads", 5));
                    saved.put("core-5", saved.first("core-1"));
                    saved.put("ids-5", new ImageBytes("ids").add("pid_ns_id", 7));
                });
    }

    @Test
    void processesFormOneTreeWhoseImagesAreThere() {
        refused("first process", saved -> saved.first("pstree").set("pid", 3).set("threads", 3));
        refused("below the first", saved -> saved.first("pstree").set("ppid", 7));
        refused("without itself", saved -> saved.first("pstree").set("threads", 2));
        refused("core-2.img", saved -> saved.drop("core-2"));
        refused("core-9.img", saved -> saved.put("core-9", saved.first("core-2")));
        refused("no process", saved -> saved.drop("pstree"));
    }

    @Test
    void limitsAndPriorityAreThoseOfTheRequest() {
        for (int number = 0; number < 16; number++) {
            int raised = number;
            if (number != 4) {
                refused(
                        WantedRights.limitName(number),
                        saved -> saved.first("core-1").inner("tc").set("rlimits", limits(raised)));
            }
        }
        refused(
                "oom_score_adj",
                saved -> saved.first("core-1").inner("tc").set("oom_score_adj", 99));
        refused("sched_nice", saved -> saved.thread(2).set("sched_nice", 1));
        refused("sched_policy", saved -> saved.thread(2).set("sched_policy", 1));
        refused(
                "old_seccomp_mode",
                saved -> saved.first("core-1").inner("tc").set("old_seccomp_mode", 2));
    }

    private static ImageBytes limits(int raised) {
        var limits = new ImageBytes("rlimits");
        for (int number = 0; number < 16; number++) {
            limits.add(
                    "rlimits",
                    new ImageBytes("rlimit").add("cur", 1).add("max", number == raised ? -1 : 100));
        }
        return limits;
    }

    @Test
    void cgroupsAreTheContainersOwn() {
        refused("CRIU itself", saved -> saved.thread(1).set("cg_set", 1));
        refused("found set 1", saved -> saved.thread(2).set("cg_set", 1));
        for (var path : List.of("/", "/pods/../other", "pods", "/pods//x")) {
            refused(
                    "cgroup: found",
                    saved -> saved.first("cgroup").inner("sets").inner("ctls").set("path", path));
        }
        refused(
                "cgroup folder",
                saved ->
                        saved.first("cgroup")
                                .inner("controllers")
                                .inner("dirs")
                                .set("dir_name", "x"));
        for (var name : List.of("../x", "release_agent", "a/b")) {
            refused(
                    "cgroup property",
                    saved ->
                            saved.first("cgroup")
                                    .inner("controllers")
                                    .inner("dirs")
                                    .inner("properties")
                                    .set("name", name));
        }
        refused(
                "cgroup folder",
                saved ->
                        saved.first("cgroup")
                                .inner("controllers")
                                .inner("dirs")
                                .add(
                                        "children",
                                        new ImageBytes("cgroup-folder").add("dir_name", "..")));
    }

    @Test
    void mountsAreThoseOfTheRequest() {
        var mounts = "mountpoints-205";
        refused("/: mount flags", saved -> saved.first(mounts).set("flags", 0));
        refused("/host: mount flags", saved -> saved.file(mounts).get(3).set("flags", 0));
        refused("/proc: mount flags", saved -> saved.file(mounts).get(1).set("flags", 0));
        refused("/proc/self: found it not masked", saved -> saved.file(mounts).remove(4));
        refused("/proc/sys: found it not read-only", saved -> saved.file(mounts).remove(5));
        refused("/proc/sys: mount flags", saved -> saved.file(mounts).get(5).set("flags", 0xe));
        refused("below another mount", saved -> saved.file(mounts).get(4).set("parent_mnt_id", 1));
        refused("shared", saved -> saved.file(mounts).get(3).set("shared_id", 1));
        refused("of a plugin", saved -> saved.file(mounts).get(3).set("with_plugin", 1));
        refused(
                "two mounts over each other",
                saved -> saved.file(mounts).add(SavedCheckpoint.mount(9, 2, 1, "/proc/sys", 0xf)));
        refused(
                "does not have",
                saved -> saved.file(mounts).add(SavedCheckpoint.mount(9, 1, 3, "/d", 0xf)));
        refused(
                "from outside that the request does not have",
                saved ->
                        saved.file(mounts)
                                .add(
                                        SavedCheckpoint.mount(9, 1, 0, "/other", 0)
                                                .add("ext_key", "/other")));
        refused("ext_key", saved -> saved.file(mounts).get(3).set("ext_key", "/elsewhere"));
    }

    @Test
    void openFilesAreThoseThatAProcessMayOpen() {
        refused(
                "files.img: name",
                saved -> saved.file("files").set(0, SavedCheckpoint.file(1, "/../x")));
        refused(
                "files.img: name",
                saved -> saved.file("files").set(0, SavedCheckpoint.file(1, "x")));
        refused("external", saved -> saved.first("files").inner("reg").set("ext", 1));
        refused("kind 14", saved -> saved.first("files").set("type", 14));
        refused("found unknown field 6", saved -> saved.first("files").unknown(6, 1));
        refused("file 3 of kind 1", saved -> saved.first("fdinfo-2").set("id", 3));
        refused("uflags", saved -> saved.file("files").get(1).inner("usk").set("uflags", 1));
        refused("peer outside", saved -> saved.file("files").get(1).inner("usk").set("peer", 9));
        refused(
                "mount from outside",
                saved -> saved.file("files").get(1).inner("usk").set("name", "/host/socket"));
        refused(
                "so_mark",
                saved -> saved.file("files").get(1).inner("usk").inner("opts").set("so_mark", 1));
        refused("fown.uid", saved -> saved.first("files").inner("reg").inner("fown").set("pid", 1));
        refused("tty-info.img: type", saved -> saved.first("tty-info").set("type", 3));
        for (int type : new int[] {3, 1}) {
            refused(
                    type == 3 ? "raw" : "port 80",
                    saved ->
                            saved.file("files")
                                    .add(
                                            new ImageBytes("file")
                                                    .add("type", 4)
                                                    .add("id", 3)
                                                    .add("isk", internet(type))));
        }
        refused(
                "removed file",
                saved -> {
                    saved.file("files").set(0, SavedCheckpoint.file(1, "/host/gone"));
                    saved.put(
                            "remap-fpath",
                            new ImageBytes("remap")
                                    .add("orig_id", 1)
                                    .add("remap_id", 1)
                                    .add("remap_type", 1));
                });
        refused(
                "ghost file: mode",
                saved -> saved.put("ghost-file-1", new ImageBytes("ghost").add("mode", 0x61ff)));
    }

    private static ImageBytes internet(int type) {
        return new ImageBytes("inet")
                .add("id", 3)
                .add("family", 2)
                .add("type", type)
                .add("state", 10)
                .add("src_port", 80);
    }

    @Test
    void whatIsNotKnownIsRefused() {
        refused("inventory.img: found none", saved -> saved.drop("inventory"));
        refused("img_version", saved -> saved.first("inventory").set("img_version", 3));
        refused("plugins_entry", saved -> saved.first("inventory").drop("plugins_entry"));
        refused("unknown field 99", saved -> saved.first("inventory").unknown(99, 1));
        refused("unknown field 17", saved -> saved.creds(1).unknown(17, 1));
        refused("found two values", saved -> saved.creds(1).add("uid", 1000));
        refused("more than 32 bits", saved -> saved.creds(1).set("uid", 1000 + (1L << 32)));
        for (var name :
                List.of("apparmor", "userns-1", "bpfmap-file", "netdev-9", "core-01", "x")) {
            assertThatThrownBy(
                            () -> {
                                round++;
                                var folder = Files.createDirectory(top.resolve("u" + round));
                                new SavedCheckpoint().write(folder);
                                Files.writeString(folder.resolve(name + ".img"), "");
                                SavedRights.require("c", folder, spec, LIMITS);
                            })
                    .hasMessageContaining(name + ".img: found a kind of file");
        }
    }

    @Test
    void damagedImagesAreRefusedAndTakeBoundedMemory() throws IOException {
        var random = new Random(11);
        var good = new SavedCheckpoint().bytes();
        var names = good.keySet().stream().sorted().toList();
        var folder = Files.createDirectory(top.resolve("damaged"));
        new SavedCheckpoint().write(folder);
        int passed = 0;
        for (int i = 0; i < 500; i++) {
            var name = names.get(random.nextInt(names.size()));
            var whole = good.getOrDefault(name, new byte[0]);
            Files.write(
                    folder.resolve(name + ".img"), ImageBytes.damaged(whole, random, i % 3 == 0));
            try {
                SavedRights.require("c", folder, spec, LIMITS);
                passed++;
            } catch (SandboxException.WrongState refused) {
                assertThat(refused.getMessage()).contains("refused");
            }
            Files.write(folder.resolve(name + ".img"), whole);
        }
        assertThat(passed).isLessThan(250); // bytes that decide nothing, such as those of limits
    }

    @Test
    void largeImagesAreRefusedBeforeTheyTakeMemory() throws IOException {
        refused(
                "bytes of values",
                saved -> {
                    var groups = new ImageBytes("creds");
                    for (int i = 0; i < 800_000; i++) {
                        groups.add("groups", 1);
                    }
                    saved.thread(1).set("creds", groups);
                });
        var folder = Files.createDirectory(top.resolve("large"));
        new SavedCheckpoint().write(folder);
        var claims = new byte[12];
        System.arraycopy(ImageBytes.file("files", List.of()), 0, claims, 0, 8);
        Arrays.fill(claims, 8, 12, (byte) 0x7f);
        Files.write(folder.resolve("files.img"), claims);
        assertThatThrownBy(() -> SavedRights.require("c", folder, spec, LIMITS))
                .hasMessageContaining("found a message of");
    }
}
