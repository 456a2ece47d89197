package io.berth.sandbox.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.HostFiles;
import io.berth.linux.LinuxCalls;
import io.berth.linux.MountInfo;
import io.berth.linux.Processes;
import io.berth.linux.step.Steps;
import io.berth.sandbox.settings.RuntimeOptions;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.settings.SandboxSettings.RuntimeHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With scripted OCI runtimes: the state of a task is a folder, as runc and crun keep it. */
final class RuntimeTasksTest {
    private static final String TASK = "half";

    @TempDir Path directory;

    @SuppressWarnings("NullAway.Init")
    private Path own;

    @SuppressWarnings("NullAway.Init")
    private Path shared;

    @BeforeEach
    void makeRoots() throws IOException {
        own = Files.createDirectories(directory.resolve("state/runc/k8s.io"));
        shared = Files.createDirectories(directory.resolve("shared/k8s.io"));
    }

    @Test
    void whatTheRuntimeKeepsIsDeletedByItself() throws IOException {
        Files.createDirectory(own.resolve(TASK));
        var tasks = tasks("rm -r \"$2/$5\"");
        assertThat(tasks.knows("runc", TASK)).isTrue();
        delete(tasks, "runc");
        assertThat(tasks.knows("runc", TASK)).isFalse();
        assertThat(calls()).containsExactly("--root %s delete --force half".formatted(own));
    }

    @Test
    void aTaskThatNoRuntimeKnowsCostsNoCall() throws IOException {
        delete(tasks("exit 1"), "runc");
        assertThat(directory.resolve("calls")).doesNotExist();
    }

    @Test
    void aRuntimeThatKeepsTheTaskIsQuoted() throws IOException {
        Files.createDirectory(own.resolve(TASK));
        var tasks = tasks("echo no such luck >&2; exit 0");
        assertThatThrownBy(() -> delete(tasks, "runc"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(own.resolve(TASK).toString())
                .hasMessageContaining("no such luck");
    }

    @Test
    void aTaskIsFoundInEveryHandlersFolderWhateverItsHandlerIsCalledNow() throws IOException {
        Files.createDirectory(shared.resolve(TASK));
        var tasks = tasks("rm -r \"$2/$5\"");
        assertThat(tasks.knows("removed", TASK)).isTrue();
        delete(tasks, "removed");
        assertThat(shared).isEmptyDirectory();
    }

    @Test
    void aSharedFolderShowsOnlyTasksWithABundleOfOurs() throws IOException {
        Files.createDirectory(shared.resolve("others"));
        Files.createDirectory(shared.resolve("ours"));
        Files.createDirectories(directory.resolve("state/bundles/ours"));
        Files.createDirectory(own.resolve("without-bundle"));
        assertThat(tasks("").standing()).containsExactlyInAnyOrder("ours", "without-bundle");
    }

    @Test
    void aPidFileThatWasCutInWritingIsRemovedAndAWholeOneStays() throws IOException {
        var bundle = Files.createDirectories(directory.resolve("state/bundles").resolve(TASK));
        Files.createFile(bundle.resolve(".init.pid"));
        Files.createFile(bundle.resolve("init.pid"));
        var tasks = tasks("");
        Steps.run(
                "task.remove",
                TASK,
                () -> {
                    tasks.removeHalfWritten(TASK);
                    tasks.removeHalfWritten(TASK);
                });
        assertThat(bundle.resolve(".init.pid")).doesNotExist();
        assertThat(bundle.resolve("init.pid")).exists();
    }

    /** runc mounts a task's root file system there for CRIU, which may be killed in between. */
    @Test
    @Tag("root")
    void whatAKilledRestoreLeftMountedGoesWithTheState() throws IOException {
        var state = Files.createDirectories(directory.resolve("shared/k8s.io").resolve(TASK));
        var mounted = Files.createDirectory(state.resolve("criu-root"));
        var linux = new LinuxCalls();
        Steps.run(
                "test.mount",
                TASK,
                () -> linux.mount("berth", mounted, "tmpfs", Set.of(), "size=1m"));
        Steps.run("task.remove", TASK, () -> tasks("").forget("shared", TASK));
        assertThat(state).doesNotExist();
        assertThat(MountInfo.below(directory)).isEmpty();
    }

    private static void delete(RuntimeTasks tasks, String handler) throws IOException {
        Steps.run("task.remove", TASK, () -> tasks.delete(handler, TASK));
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(directory.resolve("calls"));
    }

    /** A node of two handlers with the same scripted runtime and a folder of state each. */
    private RuntimeTasks tasks(String script) throws IOException {
        var runtime = directory.resolve("runtime");
        Files.writeString(
                runtime, "#!/bin/sh\necho \"$*\" >> %s/calls\n%s\n".formatted(directory, script));
        Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
        var settings =
                new SandboxSettings(
                        directory.resolve("root"),
                        directory.resolve("state"),
                        directory.resolve("native"),
                        "runc",
                        Map.of(
                                "runc",
                                handler("runc", runtime, RuntimeOptions.NONE),
                                "shared",
                                handler("shared", runtime, shared(directory.resolve("shared")))),
                        "/none",
                        "pause",
                        1024,
                        SandboxSettings.Timeouts.defaults());
        return new RuntimeTasks(
                settings,
                new SandboxPaths(settings),
                new Processes(),
                new HostFiles(new LinuxCalls()));
    }

    private static RuntimeHandler handler(String name, Path runtime, RuntimeOptions options) {
        return new RuntimeHandler(
                name,
                Path.of("/nonexistent/containerd-shim-runc-v2"),
                Optional.of(runtime),
                false,
                false,
                options);
    }

    private static RuntimeOptions shared(Path root) {
        return new RuntimeOptions(
                Optional.of(root),
                false,
                false,
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty());
    }
}
