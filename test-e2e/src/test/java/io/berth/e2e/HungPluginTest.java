package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.e2e.node.CniConf;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A CNI plugin that hangs in ADD costs its own pod, and outlives no recovery. */
class HungPluginTest extends NodeTest {
    private Path pids() {
        return node.folders().top().resolve("hung.pids");
    }

    @BeforeAll
    void hangTheNetwork() throws IOException {
        var plugins = Files.createDirectories(node.folders().top().resolve("plugins"));
        var plugin = plugins.resolve("hung");
        // ADD tells its pid and its child's, and hangs.
        Files.writeString(
                plugin,
                """
                #!/bin/sh
                cat > /dev/null
                [ "$CNI_COMMAND" = ADD ] || exit 0
                sleep 1000 &
                echo $$ $! > %1$s.new && mv %1$s.new %1$s
                wait
                """
                        .formatted(pids()));
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
        CniConf.write(node.folders(), CniConf.chain(node.folders(), "{\"type\":\"hung\"}"));
    }

    @AfterAll
    void forget() throws IOException {
        Files.deleteIfExists(pids());
    }

    @Test
    void killedDaemonsPluginIsGoneOnceTheNextHasUndoneThePod() throws Exception {
        var run = runUntilItHangs();
        var listed =
                node.client().runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
        assertThat(listed.getItemsCount()).as("pods that are whole").isZero();
        node.kill();
        assertThatThrownBy(run::get).hasCauseInstanceOf(StatusRuntimeException.class);
        var left = Files.readString(pids()).strip().split(" ", -1);
        assertThat(left).allMatch(HungPluginTest::runs, "runs on after the daemon");

        CniConf.write(node.folders());
        node.restart(Map.of());
        kubelet.end(awaitUndone(left));
    }

    /** A pod may still get the network of before; then another is run. */
    private CompletableFuture<String> runUntilItHangs() throws IOException {
        var runs = new ArrayDeque<CompletableFuture<String>>();
        runs.add(run());
        Waiting.until(
                "a plugin that hangs",
                Kubelet.SOON,
                () -> {
                    if (runs.getLast().isDone()) {
                        kubelet.end(runs.getLast().join());
                        runs.add(run());
                    }
                    return Files.exists(pids());
                });
        return runs.getLast();
    }

    private CompletableFuture<String> run() throws IOException {
        var pod = kubelet.pod().build();
        return CompletableFuture.supplyAsync(() -> kubelet.run(pod));
    }

    /** Waits until the plugin is gone and then runs a pod on a network that works. */
    private String awaitUndone(String[] left) throws IOException {
        for (var pid : left) {
            Waiting.until("end of plugin " + pid, Kubelet.SOON, () -> !runs(pid));
        }
        var pods = ListPodSandboxRequest.getDefaultInstance();
        Waiting.until(
                "end of the pod that was cut",
                Kubelet.SOON,
                () -> node.client().runtime().listPodSandbox(pods).getItemsCount() == 0);
        return kubelet.run(kubelet.pod().build());
    }

    private static boolean runs(String pid) {
        return ProcessHandle.of(Long.parseLong(pid)).isPresent();
    }
}
