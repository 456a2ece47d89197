package io.berth.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.daemon.config.ConfigFiles;
import io.berth.daemon.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What `berth config` prints can be read again. */
final class ConfigTextTest {
    @TempDir private Path folder = Path.of("");

    @Test
    void theDefaultsAreReadAsTheDefaults() throws IOException {
        var file = folder.resolve("config.toml");
        Files.writeString(file, ConfigText.of(ConfigFiles.defaults()));
        var loaded = ConfigFiles.load(file, false);
        assertThat(loaded.config()).isEqualTo(ConfigFiles.defaults());
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void optionsOfAnotherShimAreReadAsTheyWere() throws IOException {
        var file = folder.resolve("config.toml");
        Files.writeString(
                file,
                """
                [runtimes.handlers.k]
                shim = "/a/containerd-shim-kata-v2"
                snapshotter = "native"
                [runtimes.handlers.k.options]
                ConfigPath = "/a/kata.toml"
                [runtimes.handlers.k.options.inner]
                level = 3
                """);
        var config = ConfigFiles.load(file, false).config();
        assertThat(shimOptions(config, "k")).isPresent();
        Files.writeString(file, ConfigText.of(config));
        assertThat(ConfigFiles.load(file, false).config()).isEqualTo(config);
    }

    private static Optional<String> shimOptions(NodeConfig config, String handler) {
        return Objects.requireNonNull(config.runtimes().handlers().get(handler))
                .options()
                .shimOptions();
    }
}
