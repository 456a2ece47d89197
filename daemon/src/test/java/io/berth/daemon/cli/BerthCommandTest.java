package io.berth.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cri.client.FakeNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line against a node in memory: what it does, prints and ends with. */
final class BerthCommandTest {
    @TempDir private Path folder = Path.of("");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> launches = new ArrayList<>();

    private int berth(String... arguments) {
        out.reset();
        err.reset();
        var console = new Console(new PrintStream(out), new PrintStream(err), false);
        DaemonLauncher launcher =
                (config, root, state) -> {
                    launches.add(config + " " + root + " " + state);
                    return 7;
                };
        return BerthCommand.run(launcher, "1", console, arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private String socket() {
        return folder.resolve("node.sock").toString();
    }

    private FakeNode node() throws IOException {
        return new FakeNode(Path.of(socket()));
    }

    private Path manifest(String restart, String... commands) throws IOException {
        var text =
                new StringBuilder(
                        "apiVersion: v1\nkind: Pod\nmetadata: {name: demo}\nspec:\n"
                                + "  restartPolicy: "
                                + restart
                                + "\n  volumes: [{name: data, emptyDir: {}}]\n  containers:\n");
        for (int i = 0; i < commands.length; i++) {
            text.append("  - {name: c%d, image: 'a:1', command: [%s]}\n".formatted(i, commands[i]));
        }
        return Files.writeString(folder.resolve("pod.yaml"), text);
    }

    private int run(Path manifest, String... more) {
        var arguments =
                new ArrayList<>(
                        List.of(
                                "run",
                                "--socket",
                                socket(),
                                "--data-dir",
                                folder.resolve("data").toString(),
                                manifest.toString()));
        arguments.addAll(List.of(more));
        return berth(arguments.toArray(String[]::new));
    }

    @Test
    void everyCommandHasHelp() {
        for (var command :
                List.of(
                        "daemon",
                        "run",
                        "image",
                        "pods",
                        "ps",
                        "logs",
                        "exec",
                        "attach",
                        "port-forward",
                        "checkpoint",
                        "stop",
                        "rm",
                        "audit",
                        "config",
                        "version")) {
            assertThat(berth(command, "--help")).as(command).isZero();
        }
    }

    @Test
    void aWrongCommandLineIsOneLineAndTwo() {
        assertThat(berth("ps", "--nonsense")).isEqualTo(ExitCode.USAGE);
        assertThat(err().lines()).hasSize(1);
    }

    @Test
    void noDaemonIsOneLineAndThree() {
        assertThat(berth("pods", "--socket", socket())).isEqualTo(ExitCode.NO_DAEMON);
        assertThat(err())
                .isEqualTo(
                        "berth: no daemon answers on %s; start it with `berth daemon`\n"
                                .formatted(socket()));
    }

    @Test
    void theDaemonIsLaunchedWithItsOptionsAndItsCodeIsPassedOn() {
        assertThat(berth("daemon", "--config", "/c", "--root", "/r")).isEqualTo(7);
        assertThat(launches).containsExactly("Optional[/c] Optional[/r] " + Optional.empty());
    }

    @Test
    void aPodRunsToItsEndAndNothingIsLeft() throws IOException {
        try (var node = node()) {
            assertThat(run(manifest("Never", "exit, '0'", "exit, '3'"))).isEqualTo(3);
            assertThat(out())
                    .contains("sandbox", "10.0.0.7", "c0 | hello of c0", "c1 | hello of c1")
                    .contains("container c1: ended with 3", "stopped and removed");
            assertThat(node.pods).isEmpty();
            assertThat(folder.resolve("data")).doesNotExist();
        }
    }

    @Test
    void aDetachedPodStaysUntilItIsRemoved() throws IOException {
        try (var node = node()) {
            var manifest = manifest("Never", "sleep");
            assertThat(run(manifest, "--detach")).isZero();
            assertThat(node.pods).hasSize(1);
            assertThat(run(manifest, "--detach")).isEqualTo(ExitCode.FAILURE);
            assertThat(err()).contains("default/demo: runs already, detached");
            assertThat(berth("logs", "--socket", socket(), "demo/c0")).isZero();
            assertThat(out()).isEqualTo("hello of c0\n");
            var archive = folder.resolve("c0.tar").toString();
            assertThat(berth("checkpoint", "--socket", socket(), "demo/c0", "-e", archive))
                    .isZero();
            assertThat(out()).startsWith("container default/demo/c0 (").contains(archive);
            assertThat(node.calls).contains("CheckpointContainer %s 120".formatted(archive));
            assertThat(berth("checkpoint", "--socket", socket(), "demo/c0"))
                    .isEqualTo(ExitCode.USAGE);
            assertThat(berth("rm", "--socket", socket(), "demo")).isEqualTo(ExitCode.FAILURE);
            assertThat(berth("rm", "-f", "--socket", socket(), "demo")).isZero();
            assertThat(node.pods).isEmpty();
            assertThat(folder.resolve("data")).doesNotExist();
        }
    }

    @Test
    void whatAKilledRunLeftIsRemovedFirst() throws IOException {
        try (var node = node()) {
            var manifest = manifest("Never", "exit, '0'");
            assertThat(run(manifest, "--detach")).isZero();
            var id = node.pods.keySet().iterator().next();
            node.pods.replaceAll(
                    (_, pod) ->
                            pod.toBuilder()
                                    .putAnnotations("run.berth.io/keeper", "999999999 1")
                                    .build());
            assertThat(run(manifest)).isZero();
            assertThat(out()).contains("removing what an earlier run left: pod " + id);
            assertThat(node.pods).isEmpty();
            assertThat(folder.resolve("data")).doesNotExist();
        }
    }

    @Test
    void anAbsentImageThatMayNotBePulledIsNamed() throws IOException {
        try (var node = node()) {
            var text =
                    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a,"
                            + " image: absent, imagePullPolicy: Never}]}\n";
            var manifest = Files.writeString(folder.resolve("p.yaml"), text);
            assertThat(run(manifest)).isEqualTo(ExitCode.FAILURE);
            assertThat(err()).contains("image absent: not here, and imagePullPolicy is Never");
            assertThat(node.calls).isEmpty();
        }
    }

    @Test
    void aBadManifestNamesFileAndLine() throws IOException {
        var manifest = Files.writeString(folder.resolve("p.yaml"), "kind: Pod\nspec: {foo: 1}\n");
        assertThat(run(manifest)).isEqualTo(ExitCode.FAILURE);
        assertThat(err()).contains("p.yaml:2: spec.foo: berth run does not know this field");
    }

    @Test
    void anArchiveIsStreamedWholeAndItsImagesAreNamed() throws IOException {
        try (var node = node()) {
            var archive = Files.write(folder.resolve("a.tar"), new byte[3_500_000]);
            assertThat(berth("image", "load", "--socket", socket(), archive.toString())).isZero();
            assertThat(node.calls).containsExactly("LoadImage 3500000");
            assertThat(out()).endsWith(" a:b\n");
        }
    }

    @Test
    void aPullTellsItsLayersAndAFailedOneWhy() throws IOException {
        try (var node = node()) {
            assertThat(berth("image", "pull", "--socket", socket(), "busybox")).isZero();
            assertThat(out()).contains("layer sha256:000000000000 1.0 kB done");
            assertThat(berth("image", "pull", "--socket", socket(), "wrong"))
                    .isEqualTo(ExitCode.FAILURE);
            assertThat(err()).isEqualTo("berth: wrong: 401\n");
            assertThat(node.calls).containsExactly("PullImage busybox", "PullImage wrong");
        }
    }

    @Test
    void whatIsNotThereIsFour() throws IOException {
        try (var node = node()) {
            assertThat(berth("stop", "--socket", socket(), "nobody")).isEqualTo(ExitCode.NOT_FOUND);
            assertThat(berth("image", "rm", "--socket", socket(), "absent"))
                    .isEqualTo(ExitCode.NOT_FOUND);
            assertThat(node.calls).isEmpty();
        }
    }
}
