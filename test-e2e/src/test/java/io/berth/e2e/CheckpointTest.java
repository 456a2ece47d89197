package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerState;
import io.berth.e2e.node.BerthUnderTest;
import io.berth.e2e.pod.Checkpoints;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A container that is saved goes on, and the archive holds what other tools look for. */
class CheckpointTest extends NodeTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init")
    private Checkpoints checkpoints;

    @BeforeAll
    void knowCheckpoints() {
        checkpoints = new Checkpoints(node, kubelet);
    }

    @Test
    void aRunningContainerIsSavedAndGoesOn() throws IOException {
        var pod = kubelet.pod().build();
        var config = kubelet.shell("count", Checkpoints.COUNT).build();
        var id = kubelet.launch(kubelet.run(pod), pod, config);
        var log = Kubelet.log(pod, config);
        kubelet.awaitLine(log, "5");
        var archive = node.folders().top().resolve("checkpoint.tar");
        checkpoints.save(id, archive);
        var lines = LogLine.texts(log, "stdout").size();
        assertThat(Files.getPosixFilePermissions(archive))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(tar("-tf", archive.toString()))
                .contains(
                        "config.dump",
                        "spec.dump",
                        "status.dump",
                        "checkpoint/",
                        "checkpoint/inventory.img",
                        "checkpoint/pstree.img",
                        "rootfs-diff.tar",
                        "container.log",
                        "dump.log");
        assertThat(String.join("", tar("-xOf", archive.toString(), "config.dump")))
                .contains("\"id\":\"" + id + "\"", "\"rootfsImageName\":\"" + node.reference());
        assertThat(String.join("", tar("-xOf", archive.toString(), "spec.dump")))
                .contains("\"cgroupsPath\"");
        var layer = node.folders().top().resolve("layer");
        Files.createDirectories(layer);
        tar("-xf", archive.toString(), "-C", layer.toString(), "rootfs-diff.tar");
        assertThat(tar("-tf", layer.resolve("rootfs-diff.tar").toString()))
                .contains("kept", "etc/.wh.group");
        Waiting.until(
                "output after the checkpoint",
                Kubelet.SOON,
                () -> LogLine.texts(log, "stdout").size() > lines);
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(saidBy("checkpoint", id, "--export", archive.toString()))
                .startsWith("container ")
                .endsWith(": saved to " + archive + "\n");
        Files.delete(archive);
    }

    /** What the berth command says to it. */
    private String saidBy(String... arguments) throws IOException {
        var command = new ArrayList<>(BerthUnderTest.program());
        command.addAll(List.of(arguments));
        command.addAll(List.of("--socket", node.folders().socket().toString()));
        return Command.need(Duration.ofMinutes(3), command.toArray(String[]::new));
    }

    @Test
    void aPodIsSavedAsOfOneMoment() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var one = kubelet.shell("one", Checkpoints.COUNT).build();
        var two = kubelet.shell("two", Checkpoints.COUNT).build();
        var ids = List.of(kubelet.launch(sandbox, pod, one), kubelet.launch(sandbox, pod, two));
        kubelet.awaitLine(Kubelet.log(pod, one), "3");
        kubelet.awaitLine(Kubelet.log(pod, two), "3");
        var output = Files.createDirectory(node.folders().top().resolve("pod-checkpoint"));
        var invalid = Status.Code.INVALID_ARGUMENT;
        fails(
                invalid,
                () -> checkpoints.savePod(sandbox, output, ids.subList(0, 1)),
                "container_ids");
        fails(
                invalid,
                () -> checkpoints.savePod(sandbox, output.resolve("none"), ids),
                "output_path");
        assertThat(output).isEmptyDirectory();
        checkpoints.savePod(sandbox, output, ids);
        for (var name : List.of("one", "two")) {
            assertThat(output.resolve(name).resolve("checkpoint/inventory.img")).exists();
            assertThat(output.resolve(name).resolve("rootfs-diff.tar")).isNotEmptyFile();
        }
        assertThat(Files.readString(output.resolve("pod.options")))
                .contains("\"one\":\"" + ids.getFirst() + "\"");
        for (var config : List.of(one, two)) {
            var log = Kubelet.log(pod, config);
            var lines = LogLine.texts(log, "stdout").size();
            Waiting.until(
                    "output after the checkpoint",
                    Kubelet.SOON,
                    () -> LogLine.texts(log, "stdout").size() > lines);
        }
        fails(invalid, () -> checkpoints.savePod(sandbox, output, ids), "empty");
    }

    private static List<String> tar(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("tar"));
        command.addAll(List.of(arguments));
        return Command.need(LIMIT, command.toArray(String[]::new)).lines().toList();
    }

    @Test
    void whatCannotBeSavedSaysWhyAndLeavesNothing() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.create(sandbox, pod, kubelet.shell("c", "exit 0").build());
        var archive = node.folders().top().resolve("none.tar");
        fails(Status.Code.FAILED_PRECONDITION, () -> checkpoints.save(id, archive), "is created");
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> checkpoints.save(id, Path.of("relative.tar")),
                "location");
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> checkpoints.save(id, Path.of("/no/such/folder/x.tar")),
                "location");
        fails(Status.Code.NOT_FOUND, () -> checkpoints.save("no-such-container", archive));
        assertThat(archive).doesNotExist();
    }
}
