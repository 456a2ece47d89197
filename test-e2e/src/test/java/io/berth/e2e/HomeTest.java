package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.PodSandboxState;
import io.berth.e2e.cri.Audit;
import io.berth.e2e.node.BerthUnderTest;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** No daemon ends what runs because its root is another, empty or damaged. */
class HomeTest extends NodeTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** A pod with one container that runs. */
    private record Running(String sandbox, String container, Path log) {}

    private Running running() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config = kubelet.shell("c", "i=0; while :; do i=$((i+1)); echo $i; usleep 50000; done");
        var container = kubelet.launch(sandbox, pod, config.build());
        var log = Kubelet.log(pod, config);
        kubelet.awaitLine(log, "3");
        return new Running(sandbox, container, log);
    }

    private void goesOn(Running pod) throws IOException {
        assertThat(kubelet.podStatus(pod.sandbox()).getState())
                .isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(kubelet.status(pod.container()).getState())
                .isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(kubelet.exec(pod.container(), "echo", "hi").getStdout().toStringUtf8())
                .isEqualTo("hi\n");
        writes(pod);
    }

    private static void writes(Running pod) throws IOException {
        var written = Files.size(pod.log());
        Waiting.until("more output", Kubelet.SOON, () -> Files.size(pod.log()) > written);
    }

    @Test
    void aSecondDaemonOnTheStateWithAnotherRootNamesTheFirst() throws IOException {
        var pod = running();
        assertThat(refusal("--root", node.folders().top().resolve("other").toString()))
                .contains("state " + node.folders().state())
                .contains(Long.toString(node.daemon().pid()));
        goesOn(pod);
    }

    @Test
    void anEmptyRootIsRefusedAndMayAdoptWhatRuns() throws IOException {
        var pod = running();
        node.kill();
        var away = emptyRoot();
        assertThat(refusal())
                .contains(node.folders().state().toString(), node.folders().root().toString())
                .contains("berth state adopt", "berth state forget", pod.sandbox());
        writes(pod);
        assertThat(berth("state", "adopt")).contains("all records");
        writes(pod);
        node.restart(Map.of());
        goesOn(pod);
        kubelet.end(pod.sandbox());
        node.daemon().terminate();
        putBack(away);
    }

    @Test
    void anEmptyRootMayBeOrderedToForgetWhatRuns() throws IOException {
        var pod = running();
        node.kill();
        var away = emptyRoot();
        berth("state", "forget");
        writes(pod);
        node.restart(Map.of());
        Waiting.until("nothing runs", Kubelet.SOON, () -> !Files.exists(bundle(pod)));
        Waiting.until(
                "the order is carried out",
                Kubelet.SOON,
                () -> !Files.exists(node.folders().state().resolve("forget")));
        assertThat(leases()).as("addresses of pods that are forgotten").isEmpty();
        node.daemon().terminate();
        putBack(away);
    }

    /** The addresses that the network's plugin holds for pods. */
    private List<String> leases() throws IOException {
        try (var files = Files.list(node.folders().ipam())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> Character.isDigit(name.charAt(0)))
                    .toList();
        }
    }

    @Test
    void aDamagedStoreStopsTheStartAndIsSalvagedWithAllThatRuns() throws IOException {
        var pod = running();
        var stopped = kubelet.run(kubelet.pod().build());
        kubelet.stopPod(stopped);
        node.kill();
        for (var log : files(".log")) {
            Files.write(log, new byte[(int) Files.size(log)]);
        }
        assertThat(refusal())
                .contains(node.folders().root().resolve("meta").toString(), "damaged")
                .contains("berth store salvage");
        writes(pod);
        var check = Command.run(LIMIT, command("store", "check"));
        assertThat(check.exitCode()).isEqualTo(1);
        assertThat(check.output()).contains("damaged");
        assertThat(berth("store", "salvage")).contains("meta.damaged-");
        assertThat(berth("store", "check")).contains("whole");
        node.restart(Map.of());
        goesOn(pod);
        assertThat(kubelet.podStatus(stopped).getState())
                .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        for (var aside : setAside()) { // berth leaves these to the operator
            Command.need(LIMIT, "rm", "-r", aside.toString());
        }
    }

    @Test
    void aRootThatIsEmptyAdoptsWhatRunsWithoutACopyOfItsRecords() throws IOException {
        var pod = running();
        var before = kubelet.podStatus(pod.sandbox());
        node.kill();
        var away = emptyRoot();
        Files.delete(records());
        assertThat(berth("state", "adopt")).contains("found 1 pods and 1 containers");
        writes(pod);
        node.restart(Map.of());
        goesOn(pod);
        assertThat(kubelet.podStatus(pod.sandbox()).getMetadata()).isEqualTo(before.getMetadata());
        assertThat(kubelet.podStatus(pod.sandbox()).getNetwork()).isEqualTo(before.getNetwork());
        kubelet.end(pod.sandbox());
        assertThat(leases()).as("addresses of pods that are removed").isEmpty();
        node.daemon().terminate();
        putBack(away);
    }

    @Test
    void aStoreThatIsLostWithItsCopyIsSalvagedByTheDaemonIfItMay() throws IOException {
        var pod = running();
        node.kill();
        var away = node.folders().root().resolveSibling("away");
        Command.need(LIMIT, "cp", "-a", node.folders().root().toString(), away.toString());
        for (var file : files("")) {
            Files.write(file, new byte[(int) Files.size(file)]);
        }
        Files.delete(records());
        var config = node.folders().config();
        var text = Files.readString(config);
        Files.writeString(config, text + "[storage]\nsalvage = \"auto\"\n");
        node.restart(Map.of());
        goesOn(pod);
        kubelet.end(pod.sandbox());
        assertThat(Audit.findings(node.client())).isEmpty();
        Files.writeString(config, text);
        assertThat(setAside()).hasSize(1);
        node.daemon().terminate();
        putBack(away); // the images were in the store
    }

    private Path records() {
        return node.folders().state().resolve("records");
    }

    private List<Path> setAside() throws IOException {
        try (var folders = Files.newDirectoryStream(node.folders().root(), "meta.damaged-*")) {
            var found = new ArrayList<Path>();
            folders.forEach(found::add);
            assertThat(found).hasSize(1);
            return found;
        }
    }

    private List<Path> files(String suffix) throws IOException {
        try (var files = Files.list(node.folders().root().resolve("meta"))) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }

    private Path bundle(Running pod) {
        return node.folders().state().resolve("bundles").resolve(pod.sandbox());
    }

    private Path emptyRoot() throws IOException {
        var away = node.folders().root().resolveSibling("away");
        Files.move(node.folders().root(), away);
        return away;
    }

    private void putBack(Path away) throws IOException {
        Command.need(LIMIT, "rm", "-rf", node.folders().root().toString());
        Files.move(away, node.folders().root());
    }

    private static List<String> words(String... words) {
        return List.of(words);
    }

    private List<String> command(String... words) throws IOException {
        var command = new ArrayList<>(BerthUnderTest.program());
        command.addAll(words(words));
        command.addAll(List.of("--config", node.folders().config().toString()));
        return command;
    }

    private String berth(String... words) throws IOException {
        var result = Command.run(LIMIT, command(words));
        assertThat(result.exitCode()).as(result.error()).isZero();
        return result.output();
    }

    /** What a daemon says that does not start. */
    private String refusal(String... more) throws IOException {
        var command = command("daemon");
        command.addAll(List.of(more));
        var said = Files.createTempFile(node.folders().top(), "refusal", ".log");
        var process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        try {
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
        var text = Files.readString(said);
        assertThat(process.exitValue()).as(text).isNotZero();
        assertThat(text).as("a message, not a stack trace").doesNotContain("\tat ");
        return text;
    }
}
