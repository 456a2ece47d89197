package io.berth.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ListImagesRequest;
import io.berth.cri.v1.PodSandboxState;
import io.berth.cri.v1.PortMapping;
import io.berth.e2e.cri.Audit;
import io.berth.e2e.image.LocalRegistry;
import io.berth.e2e.node.BerthUnderTest;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * A node of an older berth is taken over in place. {@code BERTH_E2E_OLD} names the older
 * distribution. {@code BERTH_E2E_SAVE} names a folder to which the store is copied that it leaves.
 */
@EnabledIfEnvironmentVariable(named = InPlaceUpgrade.OLD, matches = ".+")
@Tag("e2e")
class InPlaceUpgrade {
    static final String OLD = "BERTH_E2E_OLD";

    private TestNode node;
    private Kubelet kubelet;

    @BeforeEach
    void startOld() throws IOException {
        node = TestNode.start(Map.of(BerthUnderTest.OTHER_HOME, System.getenv(OLD)));
        kubelet = new Kubelet(node);
    }

    /** Fails if the host is not as it was before the older daemon. */
    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private void save() throws IOException {
        var target = System.getenv("BERTH_E2E_SAVE");
        if (target != null) {
            var meta = node.folders().root().resolve("meta").toString();
            Command.need(Duration.ofSeconds(60), "cp", "-a", meta, target);
        }
    }

    /** Id, names and size of each but berth's own, which comes with each version. */
    private Set<String> images() {
        return node
                .client()
                .images()
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList()
                .stream()
                .filter(image -> image.getRepoDigestsCount() > 0)
                .map(
                        image ->
                                "%s %s %s %d"
                                        .formatted(
                                                image.getId(),
                                                image.getRepoTagsList(),
                                                image.getRepoDigestsList(),
                                                image.getSize()))
                .collect(Collectors.toSet());
    }

    private boolean answers(int port) throws IOException {
        var bridge = NetworkInterface.getByName(node.folders().bridge());
        var address =
                bridge.inetAddresses()
                        .filter(Inet4Address.class::isInstance)
                        .findFirst()
                        .orElseThrow();
        try (var socket = new Socket(address, port)) {
            socket.getOutputStream().write("GET /index.html HTTP/1.0\r\n\r\n".getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8).contains(" 200 ");
        } catch (IOException notYet) {
            return false;
        }
    }

    @Test
    void nothingEndsAndNothingIsLost() throws IOException {
        int port = LocalRegistry.freePort();
        var pod =
                kubelet.pod()
                        .addPortMappings(
                                PortMapping.newBuilder().setContainerPort(80).setHostPort(port))
                        .build();
        var sandbox = kubelet.run(pod);
        var config =
                kubelet.shell(
                        "c",
                        "httpd -p 80 -h /www; i=0; while :; do i=$((i+1)); echo $i; usleep 50000; done");
        var running = kubelet.launch(sandbox, pod, config.build());
        var log = Kubelet.log(pod, config);
        kubelet.awaitLine(log, "3");
        var created = kubelet.create(sandbox, pod, kubelet.shell("later", "exit 3").build());
        var exited = kubelet.launch(sandbox, pod, kubelet.shell("done", "exit 8").build());
        var before = kubelet.exited(exited);
        var stopped = kubelet.run(kubelet.pod().build());
        kubelet.stopPod(stopped);
        var ip = kubelet.podStatus(sandbox).getNetwork().getIp();
        var images = images();

        Waiting.until("an answer on the host's port", Kubelet.SOON, () -> answers(port));

        assertThat(node.daemon().terminate()).isIn(0, 143);
        save();
        var written = Files.size(log);
        node.restart(Map.of());

        assertThat(images()).isEqualTo(images);
        assertThat(kubelet.podStatus(sandbox).getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(kubelet.podStatus(sandbox).getNetwork().getIp()).isEqualTo(ip);
        assertThat(kubelet.podStatus(stopped).getState())
                .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(kubelet.status(running).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(kubelet.status(exited)).isEqualTo(before);
        assertThat(kubelet.status(created).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        assertThat(kubelet.exec(running, "echo", "hi").getStdout().toStringUtf8())
                .isEqualTo("hi\n");
        Waiting.until("more output", Kubelet.SOON, () -> Files.size(log) > written);
        assertThat(answers(port)).as("an answer on the host's port").isTrue();
        kubelet.launch(sandbox, pod, kubelet.shell("new", "sleep 1000").build());
        kubelet.start(created);
        assertThat(kubelet.exited(created).getExitCode()).isEqualTo(3);
        assertThat(node.folders().root().resolve("id"))
                .hasSameTextualContentAs(node.folders().state().resolve("id"));
        kubelet.end(sandbox);
        kubelet.end(stopped);
        assertThat(Audit.findings(node.client())).isEmpty();
    }
}
