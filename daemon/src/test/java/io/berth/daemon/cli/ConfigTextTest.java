package io.berth.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.daemon.config.ConfigFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
