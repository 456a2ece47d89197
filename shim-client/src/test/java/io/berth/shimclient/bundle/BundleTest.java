package io.berth.shimclient.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.HostFiles;
import io.berth.linux.LinuxCalls;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {
    @TempDir Path directory;
    private final HostFiles files = new HostFiles(new LinuxCalls());

    private Bundle create(String config) throws IOException {
        return Steps.run(
                "test.bundle",
                "c1",
                () -> Bundle.create(directory.resolve("b/c1"), config.getBytes(UTF_8), files));
    }

    @Test
    void createRepeatsWellAndRemoveToo() throws IOException {
        var bundle = create("{}");
        assertThat(bundle.id()).isEqualTo("c1");
        assertThat(bundle.rootfs()).isEmptyDirectory();
        assertThat(create("{\"a\":1}").config()).hasContent("{\"a\":1}");
        Files.writeString(bundle.rootfs().resolve("left"), "x");
        for (int round = 0; round < 2; round++) {
            Steps.run("test.bundle", "c1", () -> bundle.remove(files));
            assertThat(bundle.directory()).doesNotExist();
        }
    }

    @Test
    void bootstrapIsKept() throws IOException {
        var bundle = create("{}");
        assertThat(bundle.savedBootstrap()).isEmpty();
        Steps.run("test.bundle", "c1", () -> bundle.saveBootstrap("b".getBytes(UTF_8), files));
        assertThat(bundle.savedBootstrap()).hasValue("b".getBytes(UTF_8));
        Files.write(bundle.bootstrap(), new byte[70_000]);
        assertThatThrownBy(bundle::savedBootstrap).hasMessageContaining("larger than");
    }

    @Test
    void relativePathIsRefused() {
        assertThatThrownBy(() -> new Bundle(Path.of("x"))).hasMessageContaining("absolute");
    }
}
