package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.PodSandboxStatusRequest;
import io.berth.e2e.cri.Audit;
import io.berth.e2e.node.BerthUnderTest;
import io.berth.e2e.node.CniConf;
import io.berth.e2e.node.NodeConfig;
import io.berth.e2e.node.NodeFolders;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A node that lacks something: each time the message names it, and nothing is left behind. */
class BadNodeTest extends NodeTest {
    private static final Duration END = Duration.ofSeconds(60);
    private static final String KEPT = "10.99.0.2";

    /** May read the program wherever it was built, and nothing else that root may. */
    private static final List<String> AS_NOBODY =
            List.of(
                    "setpriv",
                    "--reuid=65534",
                    "--clear-groups",
                    "--inh-caps=-all,+dac_read_search",
                    "--ambient-caps=-all,+dac_read_search");

    @Test
    void aSecondDaemonOnTheRootNamesTheFirst() throws IOException {
        var said = ends(node.folders(), List.of());
        assertThat(said)
                .contains(Long.toString(node.daemon().pid()))
                .contains(node.folders().root().toString());
        node.client().version(10);
    }

    @Test
    void aSocketOnWhichAnotherAnswersStaysAndItsHolderIsNamed() throws IOException {
        var folders = NodeFolders.create();
        try {
            NodeConfig.write(
                    folders, "[cri]\nsocket = \"%s\"\n".formatted(node.folders().socket()));
            assertThat(ends(folders, List.of()))
                    .contains(node.folders().socket().toString())
                    .contains("pid " + node.daemon().pid());
            node.client().version(10);
        } finally {
            clean(folders);
        }
    }

    @Test
    void onlyRootMayStartIt() throws IOException {
        var folders = NodeFolders.create();
        try {
            NodeConfig.write(folders);
            var said = ends(folders, AS_NOBODY);
            assertThat(said).contains("root");
        } finally {
            clean(folders);
        }
    }

    @Test
    void badConfigurationIsRefusedWithEveryProblem() throws IOException {
        var folders = NodeFolders.create();
        try {
            Files.writeString(
                    folders.config(),
                    "root = 7\nstate = \"%s\"\nno_such = 1\n[timeouts]\nkill = \"soon\"\n"
                            .formatted(folders.state()));
            var said = ends(folders, List.of());
            assertThat(said)
                    .contains("root", "no_such", "timeouts.kill", folders.config().toString());
            assertThat(folders.root()).doesNotExist();
        } finally {
            clean(folders);
        }
    }

    @Test
    void aTextThatIsNoTomlIsRefusedWithItsPlace() throws IOException {
        var folders = NodeFolders.create();
        try {
            Files.writeString(folders.config(), "root = \"/x\"\n[cni\n");
            assertThat(ends(folders, List.of())).contains(folders.config().toString(), "2");
        } finally {
            clean(folders);
        }
    }

    @Test
    void systemdsDriverWithoutSystemdIsRefused() throws IOException {
        if (Files.isDirectory(Path.of("/run/systemd/system"))) {
            return; // systemd is init here, so the driver may be used
        }
        var folders = NodeFolders.create();
        try {
            NodeConfig.write(folders, "[runtimes.handlers.sd]\nsystemd_cgroup = true\n");
            assertThat(ends(folders, List.of()))
                    .contains("systemd_cgroup", "[sd]", "/run/systemd/system", "cgroupDriver");
        } finally {
            clean(folders);
        }
    }

    @Test
    void aMissingRuntimeIsNamed() throws IOException {
        var pod = kubelet.pod().build();
        var status = failure(() -> kubelet.run(pod, "gone"));
        assertThat(status.getDescription()).contains("/nonexistent/runc");
    }

    @Test
    void aMissingShimIsNamed() throws IOException {
        var pod = kubelet.pod().build();
        var status = failure(() -> kubelet.run(pod, "noshim"));
        assertThat(status.getDescription()).contains("/nonexistent/containerd-shim-runc-v2");
    }

    @Test
    void aMalformedResultOfAPluginIsNamed() throws IOException {
        withPlugin("garbled", "echo 'no json at all'");
    }

    @Test
    void aPluginThatFailsIsQuoted() throws IOException {
        var said =
                withPlugin(
                        "failing",
                        "[ \"$CNI_COMMAND\" = ADD ] || exit 0",
                        "echo '{\"cniVersion\":\"1.0.0\",\"code\":77,\"msg\":\"out of luck\"}'",
                        "exit 1");
        assertThat(said.getDescription()).contains("77", "out of luck");
    }

    @Test
    void aPluginThatIsNotThereIsNamed() throws IOException {
        onNetworkOf("no-such-plugin");
    }

    /** What a plugin holds that refuses every DEL is given up by an operator's order alone. */
    @Test
    void aNetworkThatIsNeverGivenBackIsGivenUpByOrder() throws IOException {
        plugin(
                "keeping",
                "[ \"$CNI_COMMAND\" != DEL ] || { echo '{\"code\":999,\"msg\":\"mine\"}'; exit 1; }",
                "[ \"$CNI_COMMAND\" = ADD ] || exit 0",
                "echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"%s/24\"}]}'"
                        .formatted(KEPT));
        CniConf.write(node.folders(), CniConf.chain(node.folders(), "{\"type\":\"keeping\"}"));
        try {
            var kept = new ArrayList<String>();
            Waiting.until("a pod on the network", Kubelet.SOON, () -> onKept(kept));
            var pod = kept.getFirst();
            assertThat(failure(() -> kubelet.stopPod(pod)).getDescription())
                    .contains("keeping", "999", "mine");
            var refused = rm("-f", pod);
            assertThat(refused.exitCode()).isNotZero();
            assertThat(refused.error()).contains("keeping", "mine");
            var order = rm("-f", "--force-network", pod);
            assertThat(order.exitCode()).as(order.error()).isZero();
            assertThat(Audit.findings(node.client())).isEmpty();
        } finally {
            CniConf.write(node.folders());
            var failures = new ArrayList<Status>();
            Waiting.until("a pod that runs again", Kubelet.SOON, () -> runs(failures));
        }
    }

    /** Runs a pod; keeps it if its network is the one whose plugin was put there. */
    private boolean onKept(List<String> kept) throws IOException {
        var pod = kubelet.run(kubelet.pod().build());
        var asked = PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build();
        var ip = node.client().runtime().podSandboxStatus(asked).getStatus().getNetwork().getIp();
        if (ip.equals(KEPT)) {
            kept.add(pod);
            return true;
        }
        kubelet.end(pod);
        return false;
    }

    private Command.Result rm(String... words) throws IOException {
        var command = new ArrayList<>(BerthUnderTest.program());
        command.addAll(List.of("rm", "--socket", node.folders().socket().toString()));
        command.addAll(List.of(words));
        return Command.run(END, command);
    }

    /** Puts a plugin there that is a shell script, and runs a pod on a network of it. */
    private Status withPlugin(String name, String... script) throws IOException {
        plugin(name, script);
        return onNetworkOf(name);
    }

    private void plugin(String name, String... script) throws IOException {
        var plugins = Files.createDirectories(node.folders().top().resolve("plugins"));
        var plugin = plugins.resolve(name);
        Files.writeString(
                plugin, "#!/bin/sh\ncat > /dev/null\n" + String.join("\n", script) + "\n");
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Runs a pod on a network of one plugin, whose failure has to name it; then a good one. */
    private Status onNetworkOf(String plugin) throws IOException {
        CniConf.write(
                node.folders(),
                CniConf.chain(node.folders(), "{\"type\":\"%s\"}".formatted(plugin)));
        try {
            var failures = new ArrayList<Status>();
            Waiting.until("a pod that fails", Kubelet.SOON, () -> !runs(failures));
            assertThat(failures.getFirst().getDescription()).contains(plugin);
            return failures.getFirst();
        } finally {
            CniConf.write(node.folders());
            var failures = new ArrayList<Status>();
            Waiting.until("a pod that runs again", Kubelet.SOON, () -> runs(failures));
        }
    }

    /** Whether a pod can be run; the node may not have seen a new configuration yet. */
    private boolean runs(List<Status> failures) throws IOException {
        var pod = kubelet.pod().build();
        try {
            kubelet.end(kubelet.run(pod));
            return true;
        } catch (StatusRuntimeException failed) {
            failures.add(failed.getStatus());
            endAllPods();
            return false;
        }
    }

    @Test
    void aTakenMetricsPortIsNamed() throws IOException {
        var folders = NodeFolders.create();
        try (var taken =
                new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            NodeConfig.write(folders);
            var text = Files.readString(folders.config());
            var address = "127.0.0.1:" + taken.getLocalPort();
            Files.writeString(
                    folders.config(),
                    text.replace(
                            "[metrics]\naddress = \"127.0.0.1:0\"",
                            "[metrics]\naddress = \"" + address + "\""));
            assertThat(Files.readString(folders.config())).contains(address);
            assertThat(ends(folders, List.of())).contains(address);
        } finally {
            clean(folders);
        }
    }

    /** Starts a daemon that has to end by itself with an error, and returns what it said. */
    private static String ends(NodeFolders folders, List<String> prefix) throws IOException {
        var before = Files.exists(folders.daemonLog()) ? Files.size(folders.daemonLog()) : 0;
        var process = BerthUnderTest.launch(folders, prefix, Map.of());
        try {
            if (!process.waitFor(END)) {
                dumpThreads(process.pid(), folders.daemonLog());
                process.destroyForcibly();
            }
            int code = process.waitFor();
            assertThat(code)
                    .as(() -> "exit code of a daemon that said:\n" + text(folders.daemonLog()))
                    .isNotIn(0, 137);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        var said = Files.readString(folders.daemonLog()).substring((int) before);
        assertThat(said).as("a message, not a stack trace").doesNotContain("\tat ");
        return said;
    }

    /** Has a daemon that does not end say in its log what its threads wait for. */
    private static void dumpThreads(long pid, Path log) throws IOException {
        Command.need(END, "kill", "-QUIT", Long.toString(pid));
        Waiting.until("threads in the log", END, () -> text(log).contains("JNI global refs"));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void clean(NodeFolders folders) throws IOException {
        Command.need(
                END,
                Path.of(System.getProperty("berth.e2e.home", "."), "clean").toString(),
                folders.top().toString());
    }
}
