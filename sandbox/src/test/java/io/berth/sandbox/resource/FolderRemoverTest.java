package io.berth.sandbox.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.MountInfo;
import io.berth.linux.step.Steps;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
class FolderRemoverTest {
    private final Linux linux = new LinuxCalls();
    @TempDir Path temporary;

    /** The kernel names a mount by the path without links. */
    @Test
    void whatIsMountedBehindALinkIsUnmountedAndRemoved() throws IOException {
        var real = Files.createDirectories(temporary.resolve("real/bundles"));
        var link = Files.createSymbolicLink(temporary.resolve("state"), real.getParent());
        var bundle = Files.createDirectories(link.resolve("bundles/a"));
        Files.createDirectory(bundle.resolve("rootfs"));
        Steps.run(
                "test.mount",
                "test",
                () -> linux.mount("berth", bundle.resolve("rootfs"), "tmpfs", Set.of(), "size=1m"));
        assertThat(MountInfo.below(bundle)).hasSize(1);
        var remover = new FolderRemover(link.resolve("bundles"), new HostFiles(linux));
        assertThat(remover.standing()).containsExactly(bundle.toString());
        Steps.run("test.remove", "test", () -> remover.remove(entry(bundle)));
        assertThat(real).isEmptyDirectory();
        assertThat(MountInfo.below(real)).isEmpty();
    }

    private static Ledger.Entry entry(Path path) {
        return new Ledger.Entry("bundle", path.toString(), "a", Instant.EPOCH, Map.of());
    }
}
