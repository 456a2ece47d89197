package io.berth.sandbox.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.LinuxCalls;
import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleLabelsTest {
    private final LinuxCalls linux = new LinuxCalls();
    @TempDir Path folder;

    @Test
    void labelsAreReadBackFromBundles() throws IOException {
        var labels = new BundleLabels(linux, folder);
        bundle("pod", "u:r:t:s0:c1,c2");
        bundle("other", "u:r:t:s0:c3,c4");
        bundle("plain", "");
        Files.createDirectory(folder.resolve("half-made"));
        assertThat(labels.levels()).containsExactlyInAnyOrder("s0:c1,c2", "s0:c3,c4");
        assertThat(labels.process("pod")).isEqualTo("u:r:t:s0:c1,c2");
        assertThat(labels.mount("pod")).isEqualTo("files of pod");
        assertThat(labels.process("half-made")).isEmpty();
        assertThat(labels.process("gone")).isEmpty();
        assertThat(new BundleLabels(linux, folder.resolve("none")).levels()).isEmpty();
    }

    @Test
    void theHostsOwnFoldersAreNotRelabelled() {
        for (var own : new String[] {"/", "/etc", "/var/../usr", "/home"}) {
            assertThatThrownBy(() -> new Relabel(linux).tree(Path.of(own), "label"))
                    .isInstanceOf(SandboxException.InvalidRequest.class)
                    .hasMessageContaining("which is the host's own");
        }
    }

    @Test
    @Tag("root")
    void everyFileOfATreeGetsTheLabelAndLinksAreNotFollowed() throws IOException {
        var tree = Files.createDirectories(folder.resolve("tree/sub"));
        var file = Files.writeString(tree.resolve("file"), "");
        var outside = Files.writeString(folder.resolve("outside"), "");
        Files.createSymbolicLink(tree.resolve("link"), outside);
        Steps.run(
                "test.relabel",
                "tree",
                () -> new Relabel(linux).tree(folder.resolve("tree"), "u:o:t:s0:c1,c2"));
        for (var each : new Path[] {folder.resolve("tree"), tree, file}) {
            assertThat(linux.lgetxattr(each, "security.selinux"))
                    .hasValueSatisfying(
                            value ->
                                    assertThat(new String(value, UTF_8))
                                            .startsWith("u:o:t:s0:c1,c2"));
        }
        assertThat(linux.lgetxattr(outside, "security.selinux")).isEmpty();
    }

    private void bundle(String id, String label) throws IOException {
        Files.writeString(
                Files.createDirectory(folder.resolve(id)).resolve("config.json"),
                """
                {"process":{"selinuxLabel":"%s"},"linux":{"mountLabel":"files of %s"}}
                """
                        .formatted(label, id));
    }
}
