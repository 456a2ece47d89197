package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupLayoutTest {
    private static final String V1 =
            """
            33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:4 - cgroup cgroup rw,cpu,cpuacct
            34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            35 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
            36 31 0:31 / /other/memory rw - cgroup cgroup rw,memory
            """;
    private static final String V2 = "41 31 0:38 / %s rw - cgroup2 cgroup2 rw,nsdelegate\n";

    private static CgroupLayout detect(String mountinfo) {
        return CgroupLayout.detect(MountInfo.parse(mountinfo));
    }

    @Test
    void v2AloneIsUnified() {
        var layout = detect(V2.formatted("/sys/fs/cgroup"));
        assertThat(layout).isEqualTo(new CgroupLayout.Unified(Path.of("/sys/fs/cgroup")));
        assertThat(layout.rootOf("memory")).contains(Path.of("/sys/fs/cgroup"));
    }

    @Test
    void v1HasAHierarchyPerMountAndCountsEachOnce() {
        var layout = detect(V1);
        assertThat(layout.roots().stream().map(Path::toString))
                .containsExactly(
                        "/sys/fs/cgroup/cpu,cpuacct",
                        "/sys/fs/cgroup/memory",
                        "/sys/fs/cgroup/systemd");
        assertThat(layout.rootOf("cpuacct")).contains(Path.of("/sys/fs/cgroup/cpu,cpuacct"));
        assertThat(layout.rootOf("name=systemd")).contains(Path.of("/sys/fs/cgroup/systemd"));
        assertThat(layout.rootOf("hugetlb")).isEmpty();
    }

    @Test
    void hybridIsV1WithAnotherRoot() {
        var layout = detect(V1 + V2.formatted("/sys/fs/cgroup/unified"));
        assertThat(layout).isInstanceOf(CgroupLayout.Legacy.class);
        assertThat(layout.roots()).contains(Path.of("/sys/fs/cgroup/unified")).hasSize(4);
    }

    @Test
    void noCgroupsAtAllIsSaid() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> CgroupLayout.detect(List.of()))
                .withMessageContaining("no cgroup mount");
    }

    @Test
    void pathThatLeadsElsewhereIsRefused() {
        for (String wrong : List.of("", "/", "a", "/a/", "/a//b", "/../a", "/a/./b")) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> new CgroupPath(wrong))
                    .withMessageContaining("found \"" + wrong + "\"");
        }
        assertThat(new CgroupPath("/a").child("b")).isEqualTo(new CgroupPath("/a/b"));
    }

    /** On plain files, as v2 cannot be mounted everywhere: which controllers are asked for. */
    @Test
    void v2CgroupIsMadeWithTheControllersOfItsParent(@TempDir Path root) throws IOException {
        Files.writeString(root.resolve("cgroup.controllers"), "cpu memory pids\n");
        Files.writeString(root.resolve("cgroup.subtree_control"), "pids\n");
        var cgroups = new Cgroups(new LinuxCalls(), new CgroupLayout.Unified(root));
        var pod = new CgroupPath("/kubepods/pod1");
        Steps.run("test.cgroup", "pod1", () -> cgroups.create(pod));
        Steps.run("test.cgroup", "pod1", () -> cgroups.create(pod));
        assertThat(root.resolve("cgroup.subtree_control")).content().startsWith("+cpu +memory");
        assertThat(root.resolve("kubepods/pod1")).isEmptyDirectory();
        assertThat(cgroups.children(new CgroupPath("/kubepods"))).containsExactly("pod1");
    }

    @Test
    void v2FilesAreRead(@TempDir Path root) throws IOException {
        Path pod = Files.createDirectory(root.resolve("pod"));
        Files.writeString(pod.resolve("memory.events"), "low 0\noom 4\noom_kill 3\n");
        Files.writeString(pod.resolve("memory.max"), "max\n");
        var cgroups = new Cgroups(new LinuxCalls(), new CgroupLayout.Unified(root));
        assertThat(cgroups.oomKills(new CgroupPath("/pod"))).hasValue(3);
        assertThat(cgroups.memoryLimit(new CgroupPath("/pod"))).isEmpty();
        Files.writeString(pod.resolve("memory.max"), "1048576\n");
        assertThat(cgroups.memoryLimit(new CgroupPath("/pod"))).hasValue(1_048_576);
        assertThat(cgroups.oomKills(new CgroupPath("/gone"))).isEmpty();
    }
}
