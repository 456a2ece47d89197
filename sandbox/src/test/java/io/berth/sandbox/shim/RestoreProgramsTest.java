package io.berth.sandbox.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.step.Steps;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.sandbox.settings.SandboxPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreProgramsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final ContainerId ID = new ContainerId("a".repeat(64));

    @TempDir(factory = ShortFolder.class)
    Path top;

    private final List<Process> started = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private SandboxPaths paths;

    @BeforeEach
    void folders() throws IOException {
        try (var rig = NodeRig.open(top)) {
            paths = rig.node().paths();
        }
        Files.createDirectories(paths.restoreImages(ID));
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private Process start(Path folder, String... command) throws IOException {
        var process = new ProcessBuilder(command).directory(folder.toFile()).start();
        started.add(process);
        return process;
    }

    private boolean kill() throws IOException {
        var programs = new RestorePrograms(paths, LIMIT);
        return Steps.run("test", "", () -> programs.kill(ID.value()));
    }

    private static boolean ended(Process process) throws InterruptedException {
        return process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Nobody may have waited for a process that has ended. */
    private static boolean runs(ProcessHandle process) {
        try {
            return !Files.readString(Path.of("/proc", process.pid() + "", "cmdline")).isEmpty();
        } catch (IOException gone) {
            return false;
        }
    }

    @Test
    void aHangingRestoreIsKilledWithWhatItStarted() throws Exception {
        assertThat(kill()).isFalse();
        var images = paths.restoreImages(ID).toString();
        var runtime = start(top, "/bin/sh", "-c", "sleep 1000 & wait", "runc", images);
        var reader = start(paths.restore(ID), "sleep", "1000");
        // As one that its runtime has left behind.
        var criu = top.resolve("criu");
        Files.copy(Path.of("/bin/sleep"), criu);
        assertThat(criu.toFile().setExecutable(true)).isTrue();
        var left = start(paths.restore(ID), criu.toString(), "1000");
        var elsewhere = start(top, criu.toString(), "1000");
        var children = runtime.children().toList();
        assertThat(kill()).isTrue();
        assertThat(ended(runtime)).isTrue();
        assertThat(ended(left)).isTrue();
        assertThat(children).noneMatch(RestoreProgramsTest::runs);
        assertThat(reader.isAlive()).isTrue();
        assertThat(elsewhere.isAlive()).isTrue();
        assertThat(kill()).isFalse();
    }
}
