package io.berth.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a runtime handler may be configured with. */
final class HandlerValuesTest {
    @TempDir private Path folder = Path.of("");

    @Test
    void whatAHandlerMayNotHaveIsNamed() throws IOException {
        assertThat(
                        problems(
                                """
                                [runtimes.handlers.a]
                                shim = "/a/containerd-shim-runc-v2"
                                snapshotter = "btrfs"
                                privileged_without_host_devices_all_devices_allowed = true
                                [runtimes.handlers.a.options]
                                BinaryName = "/a/runc"
                                """))
                .containsExactly(
                        "config.toml: runtimes.handlers.a.snapshotter: found \"btrfs\", wanted"
                                + " overlayfs or native",
                        "config.toml: runtimes.handlers.a.privileged_without_host_devices_all_devices_allowed:"
                                + " found true, wanted privileged_without_host_devices true beside it",
                        "config.toml: runtimes.handlers.a.options: found with the shim"
                                + " /a/containerd-shim-runc-v2, wanted a shim that is not runc's; what"
                                + " runc's takes has keys of its own, such as binary and"
                                + " systemd_cgroup");
    }

    @Test
    void aNameWithADotIsRefused() throws IOException {
        assertThat(
                        problems(
                                """
                                [runtimes.handlers."a.b"]
                                shim = "/a/containerd-shim-runc-v2"
                                """))
                .containsExactly(
                        "config.toml:2: runtimes.handlers.a.b.shim: found \"a.b\", wanted a name"
                                + " without dots, as Kubernetes has them");
    }

    @Test
    void optionsOfAnotherShimAreKeptAsAWhole() throws IOException {
        var config =
                load("""
                        [runtimes.handlers.k]
                        shim = "/a/containerd-shim-kata-v2"
                        [runtimes.handlers.k.options]
                        TypeUrl = "io.a.options"
                        level = 3
                        on = true
                        quoted = "a \\"b\\" \\\\ c"
                        [runtimes.handlers.k.options.inner]
                        list = ["x", "y"]
                        """)
                        .config();
        assertThat(shimOptions(config, "k"))
                .hasValue(
                        """
                        "TypeUrl" = "io.a.options"
                        "inner" = { "list" = ["x", "y"] }
                        "level" = 3
                        "on" = true
                        "quoted" = "a \\"b\\" \\\\ c"
                        """);
        assertThat(shimOptions(config, "runc")).isEmpty();
    }

    private static Optional<String> shimOptions(NodeConfig config, String handler) {
        return Objects.requireNonNull(config.runtimes().handlers().get(handler))
                .options()
                .shimOptions();
    }

    private ConfigFiles.Loaded load(String text) throws IOException {
        return ConfigFiles.load(Files.writeString(folder.resolve("config.toml"), text), false);
    }

    private List<String> problems(String text) {
        var refused = catchThrowableOfType(ConfigException.class, () -> load(text));
        return refused.problems().stream()
                .map(problem -> problem.toString().replace(folder + "/", ""))
                .toList();
    }
}
