package io.berth.sandbox.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.sandbox.salvage.TaskSalvage;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is lost with every copy of it costs no running pod its life. */
class TaskSalvageTest {
    @TempDir(factory = ShortFolder.class)
    Path folder;

    private NodeRig rig;
    private SandboxPaths paths;

    @BeforeEach
    void open() throws IOException {
        rig = NodeRig.open(folder);
        paths = new SandboxPaths(folder.resolve("r"), folder);
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    /** As the shims of containerd do it. */
    private void pidFile(SandboxId pod, String task) throws IOException {
        Files.writeString(
                paths.bundles().resolve(task).resolve("init.pid"),
                Integer.toString(rig.shim(pod).pidOf(task)));
    }

    private void loseStore() throws IOException {
        var meta = folder.resolve("r/meta");
        Files.move(meta, folder.resolve("lost"));
        Files.deleteIfExists(folder.resolve("r/meta.note"));
    }

    private TaskSalvage.Salvaged salvage(String... live) throws IOException {
        var salvage =
                new TaskSalvage(paths, "/berth", "boot", _ -> List.of("10.77.0.2"), rig.clock());
        try (var metadata = Metadata.open(folder.resolve("r/meta"))) {
            return salvage.run(metadata, Set.of(live));
        }
    }

    @Test
    void podsAndContainersThatRunAreOnRecordAgainAndGoOn() throws IOException {
        var config = rig.podConfig("web");
        config.getMetadataBuilder().setAttempt(3);
        var pod = rig.runPod(config);
        var app = rig.runContainer(pod, rig.containerConfig("app").setTty(false));
        var job = rig.runContainer(pod, "job");
        pidFile(pod, pod.value());
        pidFile(pod, app.value());
        pidFile(pod, job.value());
        rig.stop();
        rig.shim(pod).killTask(job.value());
        loseStore();

        var salvaged = salvage(pod.value(), app.value());
        assertThat(salvaged).isEqualTo(new TaskSalvage.Salvaged(1, 2, Set.of()));
        rig.startUnrecovered();
        rig.recover();

        goesOn(pod, app);
        rig.awaitExit(job);
        var record = rig.node().sandboxes().find(pod).orElseThrow();
        assertThat(record.config().getMetadata()).isEqualTo(config.getMetadata());
        assertThat(record.config().getLinux().getCgroupParent()).isEqualTo("/kubepods/podweb");
        assertThat(record.config().getLogDirectory()).isEqualTo(config.getLogDirectory());
        assertThat(record.ips()).containsExactly("10.77.0.2");
        assertThat(record.labels()).containsEntry("io.kubernetes.pod.uid", "uid-web");
        var container = rig.node().containers().find(app).orElseThrow();
        assertThat(container.config().getMetadata().getName()).isEqualTo("app");
        assertThat(container.config().getLogPath()).isEqualTo("app.log");
        assertThat(container.logPath()).isEqualTo(folder.resolve("logs/web/app.log").toString());
        nothingIsLeftOnceItIsRemoved(pod);
    }

    private void goesOn(SandboxId pod, ContainerId app) {
        assertThat(rig.state(pod)).isInstanceOf(SandboxState.Ready.class);
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);
        assertThat(rig.shim(pod).runs(app.value())).isTrue();
    }

    private void nothingIsLeftOnceItIsRemoved(SandboxId pod) throws IOException {
        rig.sandboxes().stopPodSandbox(pod.value());
        rig.sandboxes().removePodSandbox(pod.value());
        assertThat(rig.findings()).isEmpty();
        assertThat(rig.shims().alive()).isEmpty();
        assertThat(paths.bundles()).isEmptyDirectory();
        assertThat(paths.ioFolder()).isEmptyDirectory();
        assertThat(rig.plugins().calls()).contains("DEL " + pod.value());
    }

    @Test
    void aPodThatNamesNoCgroupParentHasItsOwnCgroup() throws IOException {
        var config = rig.podConfig("web");
        config.getLinuxBuilder().clearCgroupParent();
        var pod = rig.runPod(config);
        pidFile(pod, pod.value());
        rig.stop();
        loseStore();
        salvage(pod.value());
        rig.startUnrecovered();
        rig.recover();
        assertThat(rig.node().sandboxes().find(pod).orElseThrow().brief().getLinux())
                .matches(linux -> linux.getCgroupParent().isEmpty());
        nothingIsLeftOnceItIsRemoved(pod);
    }

    @Test
    void recordsThatAreThereAreLeftAsTheyAre() throws IOException {
        var pod = rig.runPod("web");
        var app = rig.runContainer(pod, "app");
        rig.stop();
        assertThat(salvage(pod.value(), app.value()))
                .isEqualTo(new TaskSalvage.Salvaged(0, 0, Set.of()));
        rig.startUnrecovered();
        rig.recover();
        goesOn(pod, app);
    }

    @Test
    void aTaskWhoseBundleTellsNothingIsNamed() throws IOException {
        var pod = rig.runPod("web");
        rig.stop();
        loseStore();
        Files.writeString(paths.bundle(pod).resolve("config.json"), "{");
        assertThat(salvage(pod.value()))
                .isEqualTo(new TaskSalvage.Salvaged(0, 0, Set.of(pod.value())));
    }
}
