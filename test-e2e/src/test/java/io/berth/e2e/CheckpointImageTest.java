package io.berth.e2e;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PullImageRequest;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Checkpoints;
import io.berth.e2e.pod.CriuImages;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A container goes on from a checkpoint that its request names as its image. */
class CheckpointImageTest extends NodeTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String CRIU_NOTE = "org.criu.checkpoint.container.name";
    private static final String CRIO_NOTE = "io.kubernetes.cri-o.annotations.checkpoint.name";

    private static final String FROM_IMAGES = "[checkpoint]\nrestore_from_images = ";

    @SuppressWarnings("NullAway.Init")
    private Checkpoints checkpoints;

    @SuppressWarnings("NullAway.Init")
    private Path saved;

    @Override
    TestNode started() throws IOException {
        return TestNode.start(Map.of(), _ -> FROM_IMAGES + "true\n");
    }

    private ContainerConfig.Builder counting(String name) {
        return checkpoints.counting(name).addEnvs(variable("WORD", "saved"));
    }

    private static KeyValue variable(String name, String value) {
        return KeyValue.newBuilder().setKey(name).setValue(ByteString.copyFromUtf8(value)).build();
    }

    /** What a kubelet asks for whose pod names a checkpoint as image and nothing else. */
    private ContainerConfig.Builder from(String image) {
        return counting("c")
                .clearCommand()
                .clearEnvs()
                .addEnvs(variable("NEW_SERVICE_HOST", "10.0.0.1"))
                .setImage(ImageSpec.newBuilder().setImage(image).setUserSpecifiedImage(image));
    }

    @BeforeAll
    void saveContainer() throws IOException {
        checkpoints = new Checkpoints(node, kubelet);
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        var config = counting("counter").build();
        var id = kubelet.launch(sandbox, pod, config);
        checkpoints.awaitCounted(pod, config);
        saved = checkpoint(id, "checkpoint.tar");
        kubelet.end(sandbox);
    }

    private Path checkpoint(String container, String name) {
        var archive = node.folders().top().resolve(name);
        checkpoints.save(container, archive);
        return archive;
    }

    private String pull(TestImage image, String name, String tag) throws IOException {
        node.registry().push(image, name, tag);
        var spec = ImageSpec.newBuilder().setImage(node.registry().reference(name + ":" + tag));
        return node.client()
                .images()
                .pullImage(PullImageRequest.newBuilder().setImage(spec).build())
                .getImageRef();
    }

    private void goesOn(PodSandboxConfig pod, ContainerConfig config, String id)
            throws IOException {
        assertThat(Checkpoints.numbers(pod, config, 1).getFirst())
                .isGreaterThan(Checkpoints.COUNTED);
        assertThat(said(id, "cat", "/kept")).isEqualTo("kept\n");
        assertThat(kubelet.exec(id, "cat", "/etc/group").getExitCode()).isNotZero();
        assertThat(said(id, "hostname")).isEqualTo(pod.getHostname() + "\n");
        assertThat(said(id, "env")).contains("WORD=saved").doesNotContain("NEW_SERVICE");
        var status = kubelet.status(id);
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(status.getImage().getImage()).isEqualTo(node.reference());
        assertThat(status.getImageId()).isEqualTo(node.image().id());
        kubelet.stop(id, 30);
        assertThat(kubelet.status(id).getExitCode()).isEqualTo(9);
    }

    private String said(String container, String... command) {
        return kubelet.exec(container, command).getStdout().toStringUtf8();
    }

    @Test
    void anArchiveIsGoneOnFrom() throws IOException {
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        var archive = Files.copy(saved, node.folders().top().resolve("copy.tar"));
        var config = from(archive.toString()).build();
        var id = kubelet.create(sandbox, pod, config);
        assertThat(kubelet.create(sandbox, pod, config)).isEqualTo(id);
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        Files.delete(archive);
        kubelet.start(id);
        goesOn(pod, config, id);
    }

    @Test
    void anImageThatCarriesItIsGoneOnFrom() throws IOException {
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        for (var note : Map.of("a", CRIU_NOTE, "b", CRIO_NOTE).entrySet()) {
            var image = TestImage.carrying(saved, note.getValue(), "counter");
            var pulled = pull(image, "e2e/checkpoint", note.getKey());
            var config = from(pulled).setLogPath(note.getKey() + ".log");
            config.getMetadataBuilder().setName(note.getKey());
            var id = kubelet.create(sandbox, pod, config.build());
            new ImageCalls(node).remove(pulled);
            kubelet.start(id);
            goesOn(pod, config.build(), id);
        }
    }

    @Test
    void anImageIsOnlyGoneOnFromWhereTheOperatorAllowsIt() throws IOException {
        var file = node.folders().config();
        var allowed = Files.readString(file);
        node.kill();
        Files.writeString(file, allowed.replace(FROM_IMAGES + "true", ""));
        node.restart(Map.of());
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        var pulled = pull(TestImage.carrying(saved, CRIU_NOTE, "counter"), "e2e/unwanted", "1");
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> kubelet.create(sandbox, pod, from(pulled).build()),
                "found a checkpoint in image",
                "restore_from_images is off");
        var config = from(saved.toString()).build();
        var id = kubelet.create(sandbox, pod, config);
        kubelet.start(id);
        goesOn(pod, config, id);
        new ImageCalls(node).remove(pulled);
        node.kill();
        Files.writeString(file, allowed);
        node.restart(Map.of());
    }

    @Test
    void volumesThatTheImageDeclaresComeBackWithWhatTheyHeld() throws IOException {
        var declaring =
                TestImage.declaring(
                        "saved-" + node.folders().mark(), List.of("/www/", "/new/data"));
        var image = pull(declaring, "e2e/saved-volumes", "1");
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        var config =
                counting("v")
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .setCommand(
                                2,
                                "echo mine > /www/index.html; chown 1000:2000 /new/data;"
                                        + " chmod 750 /new/data; exec 3>/new/data/open;"
                                        + " i=0; while :; do i=$((i+1)); echo $i >&3; echo $i;"
                                        + " usleep 50000; done");
        var id = kubelet.launch(sandbox, pod, config.build());
        checkpoints.awaitCounted(pod, config.build());
        var archive = checkpoint(id, "volumes.tar");
        kubelet.end(sandbox);
        var next = checkpoints.pod().build();
        var restored = from(archive.toString()).build();
        var goingOn = kubelet.launch(kubelet.run(next), next, restored);
        assertThat(said(goingOn, "cat", "/www/index.html")).isEqualTo("mine\n");
        assertThat(said(goingOn, "ls", "-ldn", "/new/data"))
                .startsWith("drwxr-x---")
                .contains(" 1000 ", " 2000 ");
        var reached = said(goingOn, "cat", "/new/data/open");
        assertThat(reached).startsWith("1\n2\n3\n4\n");
        Waiting.until(
                "more in the file that was open",
                Kubelet.SOON,
                () -> said(goingOn, "cat", "/new/data/open").length() > reached.length());

        var content = unpacked(archive, "leading-out");
        var volumes = Files.createDirectory(content.resolveSibling("volumes"));
        Files.createSymbolicLink(volumes.resolve("0"), Path.of("/etc"));
        Files.createDirectory(volumes.resolve("1"));
        Files.move(packed(volumes), content.resolve("volumes.tar"), REPLACE_EXISTING);
        var last = checkpoints.pod().build();
        var sandboxOfLast = kubelet.run(last);
        fails(
                Status.Code.FAILED_PRECONDITION,
                () -> create(sandboxOfLast, last, packed(content)),
                "volumes.tar of its checkpoint: found no folder 0");
        endAllPods();
        new ImageCalls(node).remove(image);
    }

    @Test
    void whatAKillCutIsUndoneAndMadeByTheRetry() throws IOException {
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        var config = from(saved.toString()).build();
        node.kill();
        node.restart(Map.of("BERTH_FAULT", "restore.unpack#1=kill-after"));
        fails(Status.Code.UNAVAILABLE, () -> kubelet.create(sandbox, pod, config));
        node.daemon().awaitEnd();
        node.restart(Map.of());
        var id = kubelet.create(sandbox, pod, config);
        kubelet.start(id);
        goesOn(pod, config, id);
    }

    @Test
    void whatDoesNotFitIsRefusedByName() throws IOException {
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        var invalid = Status.Code.INVALID_ARGUMENT;
        var folder = node.folders().top().toString();
        for (var none : List.of(folder + "/none.tar", folder, folder + "/../x.tar")) {
            fails(
                    invalid,
                    () -> kubelet.create(sandbox, pod, from(none).build()),
                    "config.image.image: found",
                    none);
        }
        var unfit = Status.Code.FAILED_PRECONDITION;
        var other = from(saved.toString()).addCommand("other").build();
        fails(unfit, () -> kubelet.create(sandbox, pod, other), "container c: process.args");
        var user = from(saved.toString());
        user.getLinuxBuilder().getSecurityContextBuilder().getRunAsUserBuilder().setValue(1000);
        fails(unfit, () -> kubelet.create(sandbox, pod, user.build()), "process.user.uid");
        var crun = kubelet.run(checkpoints.pod().build(), "crun");
        fails(
                unfit,
                () -> kubelet.create(crun, pod, from(saved.toString()).build()),
                "that runc made, wanted one of crun");
    }

    @Test
    void hostileArchivesAreRefusedAndNothingOfThemIsFollowed() throws IOException {
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        var content = unpacked(saved, "hostile");
        var folder = content.resolveSibling("archives");
        Files.createDirectory(folder);
        var unfit = Status.Code.FAILED_PRECONDITION;
        var text = Files.writeString(folder.resolve("text.tar"), "x".repeat(2000));
        fails(unfit, () -> create(sandbox, pod, text), text.toString());
        for (var name : List.of("config.dump", "checkpoint/core-1.img", "rootfs-diff.tar")) {
            // A link in place of a file, to the very file that was there.
            var file = content.resolve(name);
            var aside = Files.move(file, file.resolveSibling(file.getFileName() + ".aside"));
            Files.createSymbolicLink(file, aside.getFileName());
            fails(unfit, () -> create(sandbox, pod, packed(content)), name + ": found a link");
            Files.delete(file);
            Files.move(aside, file);
        }
        var deleted = Files.writeString(content.resolve("deleted.files"), "[\"/etc/group\"]");
        fails(unfit, () -> create(sandbox, pod, packed(content)), "deleted.files: found such");
        Files.delete(deleted);
        var config = content.resolve("config.dump");
        var good = Files.readString(config);
        Files.writeString(config, good.replace(node.image().id(), "sha256:" + "0".repeat(64)));
        fails(
                Status.Code.NOT_FOUND,
                () -> create(sandbox, pod, packed(content)),
                "sha256:000",
                "pull it first");
        Files.writeString(config, good);
        var outside = folder.resolve("outside.tar");
        var _ =
                Command.need(
                        LIMIT,
                        "tar",
                        "-cPf",
                        outside.toString(),
                        "-C",
                        content.toString(),
                        "../archives/text.tar");
        fails(unfit, () -> create(sandbox, pod, outside), outside.toString(), "..");
    }

    @Test
    void savedProcessesWithMoreRightsThanTheRequestAreRefusedBeforeTheyRun() throws IOException {
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        var content = unpacked(saved, "raised");
        var images = content.resolve("checkpoint");
        var core = images.resolve("core-1.img");
        for (int set : List.of(9, 10, 11, 12, 19)) {
            // Every word of this set of capabilities, with all bits.
            var good = Files.readAllBytes(core);
            Files.write(core, CriuImages.changed(good, List.of(5, 10), set, 0xffff_ffffL));
            fails(
                    Status.Code.FAILED_PRECONDITION,
                    () -> create(sandbox, pod, packed(content)),
                    "core-1.img: cap_",
                    "CAP_SYS_ADMIN");
            Files.write(core, good);
        }
        var inventory = images.resolve("inventory.img");
        var good = Files.readAllBytes(inventory);
        // The host's mount namespace for that of the process.
        var processes = images.resolve("ids-1.img");
        var mount = CriuImages.number(Files.readAllBytes(processes), List.of(), 9);
        Files.write(inventory, CriuImages.changed(good, List.of(3), 9, mount));
        fails(
                Status.Code.FAILED_PRECONDITION,
                () -> create(sandbox, pod, packed(content)),
                "mount namespace: found the host's");
        Files.write(inventory, good);
        var unknown = Files.write(images.resolve("apparmor.img"), good);
        fails(
                Status.Code.FAILED_PRECONDITION,
                () -> create(sandbox, pod, packed(content)),
                "apparmor.img: found a kind of file");
        Files.delete(unknown);
        var id = create(sandbox, pod, packed(content));
        kubelet.start(id);
        goesOn(pod, from("").build(), id);
    }

    private String create(String sandbox, PodSandboxConfig pod, Path archive) {
        return kubelet.create(sandbox, pod, from(archive.toString()).build());
    }

    /** The content of an archive, in a folder that a test may spoil. */
    private Path unpacked(Path archive, String name) throws IOException {
        var content = node.folders().top().resolve(name).resolve("content");
        Files.createDirectories(content);
        var _ = Command.need(LIMIT, "tar", "-xf", archive.toString(), "-C", content.toString());
        return content;
    }

    private static Path packed(Path content) throws IOException {
        var archive = content.resolveSibling(content.getFileName() + ".tar");
        var _ =
                Command.need(
                        LIMIT, "tar", "-cf", archive.toString(), "-C", content.toString(), ".");
        return archive;
    }
}
