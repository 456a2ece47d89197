package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.berth.linux.step.StepAction;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** On the cgroups of this machine, v1 or v2. */
@Tag("root")
@ExtendWith(NothingLeft.class)
class CgroupsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private final Cgroups cgroups;
    private final CgroupPath top =
            new CgroupPath(
                    "/%s%d-%d"
                            .formatted(
                                    NothingLeft.PREFIX,
                                    ProcessHandle.current().pid(),
                                    System.nanoTime()));
    private final CgroupPath pod = top.child("pod");
    private final List<Process> started = new ArrayList<>();

    CgroupsTest() throws IOException {
        cgroups = Cgroups.detect(new LinuxCalls());
    }

    private static void step(StepAction body) throws IOException {
        Steps.run("test.cgroup", "test", body);
    }

    @AfterEach
    void cleanUp() throws IOException {
        step(() -> cgroups.killAll(top, LONG));
        started.forEach(Process::destroyForcibly);
        step(() -> cgroups.remove(top, LONG));
    }

    /** A shell with a child, both in the cgroup. */
    private int startIn(CgroupPath cgroup) throws IOException {
        var process =
                new ProcessBuilder("/bin/sh", "-c", "read go; sleep 600 & sleep 600; wait").start();
        started.add(process);
        int pid = (int) process.pid();
        for (Path directory : cgroups.directories(cgroup)) {
            Files.writeString(directory.resolve("cgroup.procs"), Integer.toString(pid));
        }
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return pid;
    }

    @Test
    void cgroupIsMadeInEveryHierarchyAndRemovedWhole() throws IOException {
        step(() -> cgroups.create(pod));
        step(() -> cgroups.create(pod));
        assertThat(cgroups.exists(pod)).isTrue();
        int made =
                switch (cgroups.layout()) {
                    case CgroupLayout.Unified _ -> 1;
                    case CgroupLayout.Legacy(var hierarchies, _) -> hierarchies.size();
                };
        assertThat(cgroups.directories(pod)).hasSize(made);
        assertThat(cgroups.children(top)).containsExactly("pod");
        assertThat(cgroups.processes(pod)).isEmpty();
        assertThat(cgroups.memoryLimit(pod)).isEmpty();
        assertThat(cgroups.oomKills(pod)).hasValue(0);
        step(() -> cgroups.remove(top, LONG));
        assertThat(cgroups.exists(top)).isFalse();
        step(() -> cgroups.remove(top, LONG));
        step(() -> cgroups.killAll(top, LONG));
    }

    @Test
    void cpusetTakesItsParentsCpus() throws IOException {
        step(() -> cgroups.create(pod));
        var cpus = cgroups.read(pod, "cpuset", "cpuset.cpus").map(String::strip);
        switch (cgroups.layout()) {
            case CgroupLayout.Unified _ -> assertThat(cpus.orElse("")).isEmpty();
            case CgroupLayout.Legacy _ -> assertThat(cpus).isPresent().get().isNotEqualTo("");
        }
    }

    @Test
    void everyProcessIsKilledEvenBelowAndWhilePaused() throws Exception {
        var below = pod.child("container");
        step(() -> cgroups.create(below));
        int direct = startIn(pod);
        int nested = startIn(below);
        assertThat(cgroups.processes(top)).contains(direct, nested);
        assertThat(cgroups.processes(below)).contains(nested).doesNotContain(direct);
        pause(below);
        step(() -> cgroups.killAll(top, LONG));
        assertThat(cgroups.processes(top)).isEmpty();
        for (Process process : started) {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(137);
        }
    }

    private void pause(CgroupPath cgroup) throws IOException {
        switch (cgroups.layout()) {
            case CgroupLayout.Unified(var root) ->
                    Files.writeString(cgroup.in(root).resolve("cgroup.freeze"), "1");
            case CgroupLayout.Legacy _ ->
                    Files.writeString(
                            cgroups.directory(cgroup, "freezer")
                                    .orElseThrow()
                                    .resolve("freezer.state"),
                            "FROZEN");
        }
    }

    @Test
    void processesThatForkAllTheTimeAreKilled() throws Exception {
        step(() -> cgroups.create(pod));
        var process =
                new ProcessBuilder("/bin/sh", "-c", "read go; while :; do sleep 30 & done").start();
        started.add(process);
        for (Path directory : cgroups.directories(pod)) {
            Files.writeString(directory.resolve("cgroup.procs"), Long.toString(process.pid()));
        }
        limitProcesses(200);
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        step(() -> cgroups.killAll(pod, LONG));
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(cgroups.processes(pod)).isEmpty();
    }

    private void limitProcesses(int most) throws IOException {
        Path pids = cgroups.directory(pod, "pids").orElseThrow();
        Files.writeString(pids.resolve("pids.max"), Integer.toString(most));
    }

    @Test
    void cgroupInUseIsNotRemovedAndSaysByWhom() throws IOException {
        step(() -> cgroups.create(pod));
        int pid = startIn(pod);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> step(() -> cgroups.remove(pod, Duration.ofMillis(50))))
                .withMessageContaining("cgroup " + pod)
                .withMessageContaining(Integer.toString(pid));
        assertThat(cgroups.processes(pod)).contains(pid);
    }
}
