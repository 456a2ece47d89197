package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStatusRequest;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxState;
import io.berth.cri.v1.PodSandboxStatusRequest;
import io.berth.cri.v1.RestorePodRequest;
import io.berth.cri.v1.RestorePodResponse;
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
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A pod that was saved goes on under another name, with its memory and its files. */
class RestoreTest extends NodeTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern PID = Pattern.compile("\"pid\":(\\d+)");

    @SuppressWarnings("NullAway.Init")
    private Checkpoints checkpoints;

    @SuppressWarnings("NullAway.Init")
    private Path saved;

    @BeforeAll
    void savePod() throws IOException {
        checkpoints = new Checkpoints(node, kubelet);
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        var one = checkpoints.counting("one").build();
        var two = checkpoints.counting("two").build();
        var ids = List.of(kubelet.launch(sandbox, pod, one), kubelet.launch(sandbox, pod, two));
        checkpoints.awaitCounted(pod, one);
        checkpoints.awaitCounted(pod, two);
        saved = Files.createDirectory(node.folders().top().resolve("saved"));
        checkpoints.savePod(sandbox, saved, ids);
        kubelet.end(sandbox);
    }

    private RestorePodRequest.Builder request(PodSandboxConfig pod) {
        return RestorePodRequest.newBuilder()
                .setCheckpointPath(saved.toString())
                .setConfig(pod)
                .addContainerConfigs(checkpoints.counting("one"))
                .addContainerConfigs(checkpoints.counting("two"));
    }

    private RestorePodResponse restore(RestorePodRequest.Builder request) {
        return checkpoints.restore(request.build());
    }

    private static Map<String, String> ids(RestorePodResponse response) {
        var ids = new TreeMap<String, String>();
        response.getRestoredContainersList()
                .forEach(each -> ids.put(each.getName(), each.getContainerId()));
        assertThat(ids.keySet()).containsExactly("one", "two");
        return ids;
    }

    /** A copy of the checkpoint that a test may spoil. */
    private Path copy(String name) throws IOException {
        var copy = node.folders().top().resolve(name);
        var _ = Command.need(LIMIT, "cp", "-a", saved.toString(), copy.toString());
        return copy;
    }

    private void goesOn(PodSandboxConfig pod, String name) throws IOException {
        var numbers = Checkpoints.numbers(pod, checkpoints.counting(name).build(), 3);
        assertThat(numbers.getFirst()).isGreaterThan(Checkpoints.COUNTED);
        for (int i = 1; i < numbers.size(); i++) {
            assertThat(numbers.get(i)).isEqualTo(numbers.getFirst() + i);
        }
    }

    @Test
    void processesGoOnWithTheirMemoryAndFiles() throws IOException {
        var pod = checkpoints.pod().putLabels("l", "v").build();
        var gone = copy("gone");
        var request = request(pod).setCheckpointPath(gone.toString());
        var restored = restore(request);
        var ids = ids(restored);
        var _ = Command.need(LIMIT, "rm", "-rf", gone.toString());
        var sandbox = kubelet.podStatus(restored.getPodSandboxId());
        assertThat(sandbox.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(sandbox.getNetwork().getIp()).isNotEmpty();
        assertThat(sandbox.getLabelsMap()).containsEntry("l", "v");
        for (var id : ids.values()) {
            assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        }
        assertThat(Kubelet.log(pod, checkpoints.counting("one"))).doesNotExist();
        assertThat(restore(request)).isEqualTo(restored);

        ids.values().forEach(kubelet::start);
        goesOn(pod, "one");
        goesOn(pod, "two");
        var one = ids.getOrDefault("one", "");
        assertThat(kubelet.exec(one, "cat", "/kept").getStdout().toStringUtf8())
                .isEqualTo("kept\n");
        assertThat(kubelet.exec(one, "cat", "/etc/group").getExitCode()).isNotZero();
        for (var name : List.of("net", "ipc", "uts")) {
            assertThat(namespace(verbose(one), name))
                    .as("namespace %s", name)
                    .isEqualTo(namespace(verbosePod(restored.getPodSandboxId()), name));
        }
        assertThat(kubelet.exec(one, "hostname").getStdout().toStringUtf8())
                .isEqualTo(pod.getHostname() + "\n");
        assertThat(kubelet.exec(one, "ip", "addr").getStdout().toStringUtf8())
                .contains(sandbox.getNetwork().getIp());
        assertThat(verbose(one)).contains("\"restored\":true");
        assertThat(kubelet.status(one).getStartedAt()).isPositive();
        kubelet.stop(one, 30);
        assertThat(kubelet.status(one).getExitCode()).isEqualTo(9);
        var again = checkpoints.counting("one");
        again.getMetadataBuilder().setAttempt(1);
        again.setLogPath("again.log");
        var anew = kubelet.launch(restored.getPodSandboxId(), pod, again.build());
        kubelet.awaitLine(Kubelet.log(pod, again), "1");
        assertThat(verbose(anew)).contains("\"restored\":false");
    }

    /** Which namespace the process has that a verbose status tells of. */
    private static Path namespace(String info, String name) throws IOException {
        var pid = PID.matcher(info);
        assertThat(pid.find()).as(info).isTrue();
        return Files.readSymbolicLink(Path.of("/proc", pid.group(1), "ns", name));
    }

    private String verbosePod(String sandbox) {
        return node.client()
                .runtime()
                .podSandboxStatus(
                        PodSandboxStatusRequest.newBuilder()
                                .setPodSandboxId(sandbox)
                                .setVerbose(true)
                                .build())
                .getInfoOrDefault("info", "");
    }

    private String verbose(String container) {
        return node.client()
                .runtime()
                .containerStatus(
                        ContainerStatusRequest.newBuilder()
                                .setContainerId(container)
                                .setVerbose(true)
                                .build())
                .getInfoOrDefault("info", "");
    }

    @Test
    void whatAKillCutIsUndoneAndMadeByTheRetry() throws IOException {
        var pod = checkpoints.pod().build();
        node.kill();
        node.restart(Map.of("BERTH_FAULT", "bundle.create#3=kill-after"));
        fails(Status.Code.UNAVAILABLE, () -> restore(request(pod)));
        node.daemon().awaitEnd();
        node.restart(Map.of());
        var restored = restore(request(pod));
        var pods =
                node.client().runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
        assertThat(pods.getItemsList()).hasSize(1);
        ids(restored).values().forEach(kubelet::start);
        goesOn(pod, "two");
    }

    @Test
    void aStartThatAKillCutIsTakenBackOrFound() throws IOException {
        var pod = checkpoints.pod().build();
        var restored = restore(request(pod));
        var one = ids(restored).getOrDefault("one", "");
        node.kill();
        cut(one, "kill-before");
        node.restart(Map.of());
        assertThat(kubelet.status(one).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        assertThat(restore(request(pod))).isEqualTo(restored);
        node.kill();
        cut(one, "kill-after");
        node.restart(Map.of());
        // A new daemon serves at once, and finds what runs soon after.
        Waiting.until(
                "the container seen to run",
                Kubelet.SOON,
                () -> kubelet.status(one).getState() == ContainerState.CONTAINER_RUNNING);
        goesOn(pod, "one");
        kubelet.stop(one, 30);
        assertThat(kubelet.status(one).getExitCode()).isEqualTo(9);
    }

    /** Starts a container under a daemon that dies of it. */
    private void cut(String container, String action) throws IOException {
        node.restart(Map.of("BERTH_FAULT", "task.start#1=" + action));
        fails(Status.Code.UNAVAILABLE, () -> kubelet.start(container));
        node.daemon().awaitEnd();
    }

    @Test
    void aFailedRestoreLeavesNothing() throws IOException {
        node.kill();
        node.restart(Map.of("BERTH_FAULT", "restore.copy#2=fail"));
        fails(
                Status.Code.UNKNOWN,
                () -> restore(request(checkpoints.pod().build())),
                "restore.copy");
        var runtime = node.client().runtime();
        assertThat(
                        runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                                .getItemsList())
                .isEmpty();
        assertThat(
                        runtime.listContainers(ListContainersRequest.getDefaultInstance())
                                .getContainersList())
                .isEmpty();
    }

    @Test
    void restoredProcessesAreCheckedOnceMoreBeforeTheyRun() throws IOException {
        var pod = checkpoints.pod().build();
        var ids = ids(restore(request(pod)));
        var one = ids.getOrDefault("one", "");
        // The images came through their check; now less is allowed.
        var config = node.folders().state().resolve("bundles/" + one + "/config.json");
        var allowed = Files.readString(config);
        Files.writeString(config, allowed.replace("\"CAP_MKNOD\",", ""));
        assertThat(Files.readString(config)).isNotEqualTo(allowed);
        fails(
                Status.Code.UNKNOWN,
                () -> kubelet.start(one),
                "killed before they ran: refused thread",
                "CapPrm: found");
        assertThat(kubelet.status(one).getReason()).isEqualTo("StartError");
        assertThat(Kubelet.log(pod, checkpoints.counting("one"))).isEmptyFile();
        // A runtime that finds another criu restores them unchecked.
        var two = ids.getOrDefault("two", "");
        var link = node.folders().state().resolve("criu/criu");
        var program = Files.readSymbolicLink(link);
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of("/usr/local/lib/berth/criu/bin/criu"));
        fails(Status.Code.UNKNOWN, () -> kubelet.start(two), "not checked before they ran");
        assertThat(kubelet.status(two).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        Files.delete(link);
        Files.createSymbolicLink(link, program);
    }

    @Test
    void imagesThatCriuRefusesFailTheStartWithItsWords() throws IOException {
        var spoiled = copy("spoiled");
        // Of another machine: what berth has no opinion on, and CRIU has.
        var core = spoiled.resolve("one/checkpoint/core-1.img");
        Files.write(core, CriuImages.changed(Files.readAllBytes(core), List.of(), 1, 3));
        var pod = checkpoints.pod().build();
        var restored = restore(request(pod).setCheckpointPath(spoiled.toString()));
        var ids = ids(restored);
        var one = ids.getOrDefault("one", "");
        fails(Status.Code.UNKNOWN, () -> kubelet.start(one), "not restored", "criu says");
        var status = kubelet.status(one);
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getReason()).isEqualTo("StartError");
        kubelet.start(ids.getOrDefault("two", ""));
        goesOn(pod, "two");
    }

    @Test
    void requestsThatDoNotFitAreRefusedByName() throws IOException {
        var pod = checkpoints.pod().build();
        var invalid = Status.Code.INVALID_ARGUMENT;
        var unfit = Status.Code.FAILED_PRECONDITION;
        fails(invalid, () -> restore(request(pod).putOptions("x", "y")), "options: found [x]");
        fails(invalid, () -> restore(request(pod).setCheckpointPath("saved")), "checkpoint_path");
        fails(
                invalid,
                () -> restore(request(pod).setCheckpointPath(saved.resolve("none").toString())),
                "checkpoint_path",
                "ENOENT");
        fails(invalid, () -> restore(request(pod).setRuntimeHandler("none")), "runtime_handler");
        fails(
                invalid,
                () -> restore(request(pod).removeContainerConfigs(0)),
                "container_configs: found [two]",
                "[one, two]");
        fails(
                invalid,
                () -> restore(request(pod).setContainerConfigs(0, checkpoints.counting("two"))),
                "container_configs[1].metadata.name");
        fails(
                unfit,
                () -> restore(request(pod).setRuntimeHandler("crun")),
                "made, wanted one of crun");
        var other = checkpoints.counting("one").clearCommand().addCommand("other");
        fails(
                unfit,
                () -> restore(request(pod).setContainerConfigs(0, other)),
                "container one: process.args",
                "[\"other\"]");
        var variable =
                KeyValue.newBuilder().setKey("SECRET").setValue(ByteString.copyFromUtf8("word"));
        var environment = checkpoints.counting("one").addEnvs(variable);
        var refused = failure(() -> restore(request(pod).setContainerConfigs(0, environment)));
        assertThat(refused.getCode()).isEqualTo(unfit);
        assertThat(refused.getDescription())
                .contains("process.env", "SECRET")
                .doesNotContain("word");
        var mounted = checkpoints.counting("one");
        mounted.addMountsBuilder().setHostPath("/").setContainerPath("/host").setReadonly(true);
        fails(
                unfit,
                () -> restore(request(pod).setContainerConfigs(0, mounted)),
                "container one: mounts",
                "/host");
    }

    @Test
    void hostileCheckpointsAreRefusedAndNothingOfThemIsFollowed() throws IOException {
        var hostile = copy("hostile");
        var request = request(checkpoints.pod().build()).setCheckpointPath(hostile.toString());
        refused(request, hostile.resolve("one/config.dump"), "one/config.dump: found a link");
        refused(request, hostile.resolve("one/checkpoint/core-1.img"), "core-1.img: found a link");
        refused(request, hostile.resolve("two/rootfs-diff.tar"), "rootfs-diff.tar: found a link");
        var options = hostile.resolve("pod.options");
        var good = Files.readString(options);
        Files.writeString(options, good.replace("\"two\"", "\"../saved/two\""));
        fails(
                Status.Code.FAILED_PRECONDITION,
                () -> restore(request),
                "a container named '../saved");
        Files.writeString(options, good.replace("\"version\":1", "\"version\":2"));
        fails(Status.Code.FAILED_PRECONDITION, () -> restore(request), "version 2");
        Files.writeString(options, "{");
        fails(
                Status.Code.FAILED_PRECONDITION,
                () -> restore(request),
                "pod.options: found no JSON");
        Files.writeString(options, good);
        Files.writeString(hostile.resolve("one/rootfs-diff.tar"), "x".repeat(2000));
        fails(Status.Code.FAILED_PRECONDITION, () -> restore(request), "rootfs-diff.tar");
    }

    /** A link in place of a file, to the very file that was there. */
    private void refused(RestorePodRequest.Builder request, Path file, String word)
            throws IOException {
        var aside = Files.move(file, file.resolveSibling(file.getFileName() + ".aside"));
        Files.createSymbolicLink(file, aside);
        fails(Status.Code.FAILED_PRECONDITION, () -> restore(request), word);
        Files.delete(file);
        Files.move(aside, file);
    }
}
