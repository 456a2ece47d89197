package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStatusRequest;
import io.berth.cri.v1.NetworkConfig;
import io.berth.cri.v1.RuntimeConfig;
import io.berth.cri.v1.UpdateRuntimeConfigRequest;
import io.berth.e2e.node.CniConf;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** How containers are asked to end and then made to; and what the kubelet tells a node. */
class StopTest extends NodeTest {
    private static final String DEAF =
            "trap 'echo asked' TERM; echo up; while :; do usleep 20000; done";
    private static final int LONG = 100;

    /** A container that hears the stop signal, says so and runs on. */
    private record Deaf(String id, Path log) {
        long asked() throws IOException {
            return LogLine.texts(log, "stdout").stream().filter("asked"::equals).count();
        }
    }

    private Deaf deaf() throws IOException {
        var pod = kubelet.pod().build();
        var config = kubelet.shell("deaf", DEAF).build();
        var id = kubelet.launch(kubelet.run(pod), pod, config);
        var log = Kubelet.log(pod, config);
        kubelet.awaitLine(log, "up");
        return new Deaf(id, log);
    }

    private CompletableFuture<Void> stopping(Deaf deaf, int grace) {
        return CompletableFuture.runAsync(
                () -> kubelet.stop(deaf.id(), grace), task -> Thread.ofVirtual().start(task));
    }

    private static void returns(CompletableFuture<Void> call)
            throws ExecutionException, InterruptedException, TimeoutException {
        call.get(60, TimeUnit.SECONDS);
    }

    @Test
    void theSignalIsSentOnceAlsoAcrossARestart() throws Exception {
        var deaf = deaf();
        var cut = stopping(deaf, LONG);
        kubelet.awaitLine(deaf.log(), "asked");
        Waiting.until(
                "the signal in the container's record",
                Kubelet.SOON,
                () -> verbose(deaf.id()).contains("stopSignalSentAt"));
        node.kill();
        assertThat(cut.handle((_, failure) -> failure).get(60, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(StatusRuntimeException.class);
        node.restart(Map.of());
        assertThat(kubelet.status(deaf.id()).getState())
                .isEqualTo(ContainerState.CONTAINER_RUNNING);
        kubelet.stop(deaf.id(), 1);
        assertThat(kubelet.status(deaf.id()).getExitCode()).isEqualTo(137);
        assertThat(deaf.asked()).isEqualTo(1);
    }

    private String verbose(String id) {
        return node.client()
                .runtime()
                .containerStatus(
                        ContainerStatusRequest.newBuilder()
                                .setContainerId(id)
                                .setVerbose(true)
                                .build())
                .getInfoOrDefault("info", "");
    }

    @Test
    void aLaterShorterGraceShortensTheWaitOfAll() throws Exception {
        var deaf = deaf();
        var patient = stopping(deaf, LONG);
        kubelet.awaitLine(deaf.log(), "asked");
        var other = stopping(deaf, LONG - 1);
        kubelet.stop(deaf.id(), 1);
        returns(patient);
        returns(other);
        assertThat(kubelet.status(deaf.id()).getExitCode()).isEqualTo(137);
        assertThat(deaf.asked()).isEqualTo(1);
    }

    @Test
    void noGraceIsNoSignal() throws Exception {
        var deaf = deaf();
        kubelet.stop(deaf.id(), 0);
        var status = kubelet.status(deaf.id());
        assertThat(status.getExitCode()).isEqualTo(137);
        assertThat(status.getReason()).isEqualTo("Error");
        assertThat(deaf.asked()).isZero();
    }

    @Test
    void aGraceWithoutEndIsTakenAsOne() throws Exception {
        var deaf = deaf();
        var _ =
                CompletableFuture.runAsync(
                        () -> stopForEver(deaf.id()), task -> Thread.ofVirtual().start(task));
        kubelet.awaitLine(deaf.log(), "asked");
        kubelet.stop(deaf.id(), 0);
        assertThat(kubelet.status(deaf.id()).getExitCode()).isEqualTo(137);
    }

    private void stopForEver(String id) {
        try {
            kubelet.stop(id, Long.MAX_VALUE);
        } catch (StatusRuntimeException ended) {
            assertThat(ended.getStatus().getCode()).isNotEqualTo(Status.Code.INTERNAL);
        }
    }

    @Test
    void aProcessOfTheHostInAContainersFilesHoldsUpNoRemoval() throws Exception {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("c", "sleep 1000").build());
        var root = node.folders().state().resolve("bundles").resolve(id).resolve("rootfs");
        var inside = new ProcessBuilder("sleep", "1000").directory(root.toFile()).start();
        try {
            kubelet.stop(id, 0);
            kubelet.remove(id);
            assertThat(root.getParent()).doesNotExist();
            kubelet.end(sandbox);
            assertThat(inside.isAlive()).isTrue();
        } finally {
            inside.destroyForcibly().waitFor();
        }
    }

    @Test
    void podCidrsMakeANetworkWhereThereIsATemplateAndNone() throws IOException {
        var written = node.folders().cni().resolve("10-berth-net.conflist");
        podCidr("10.86.7.0/24");
        assertThat(written).doesNotExist();
        CniConf.remove(node.folders());
        try {
            podCidr("");
            assertThat(written).doesNotExist();
            fails(Status.Code.INVALID_ARGUMENT, () -> podCidr("10.86.7.0"), "pod_cidr");
            podCidr("10.86.7.0/24,fd86::/64");
            assertThat(Files.readString(written))
                    .contains("[{\"subnet\": \"10.86.7.0/24\"}], [{\"subnet\": \"fd86::/64\"}]")
                    .contains("\"0.0.0.0/0\"");
            podCidr("10.86.8.0/24");
            assertThat(Files.readString(written)).contains("10.86.7.0/24");
        } finally {
            Files.deleteIfExists(written);
            CniConf.write(node.folders());
            podCidr("10.86.9.0/24"); // reads the folder anew: the next pod is on the usual network
        }
        assertThat(written).doesNotExist();
    }

    private void podCidr(String cidr) {
        var _ =
                node.client()
                        .runtime()
                        .updateRuntimeConfig(
                                UpdateRuntimeConfigRequest.newBuilder()
                                        .setRuntimeConfig(
                                                RuntimeConfig.newBuilder()
                                                        .setNetworkConfig(
                                                                NetworkConfig.newBuilder()
                                                                        .setPodCidr(cidr)))
                                        .build());
    }
}
