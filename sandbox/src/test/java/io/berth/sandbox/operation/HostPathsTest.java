package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.Mount;
import io.berth.cri.v1.MountPropagation;
import io.berth.linux.BlockingCalls;
import io.berth.linux.HostFiles;
import io.berth.linux.LinuxCalls;
import io.berth.linux.MountInfo;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.spec.MountSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostPathsTest {
    private static final String MOUNTS =
            """
            1 0 8:1 / / rw - ext4 /dev/a rw
            2 1 8:2 / /data rw shared:2 - ext4 /dev/b rw
            3 1 8:3 / /data/in rw - ext4 /dev/c rw
            4 2 8:4 / /data rw master:9 - ext4 /dev/d rw
            """;

    @TempDir Path folder;

    @Test
    void aPathLiesOnTheTopmostOfTheMountsNearestToIt() {
        assertThat(mountOf("/data/x")).isEqualTo(4);
        assertThat(mountOf("/data/in/x")).isEqualTo(3);
        assertThat(mountOf("/database")).isEqualTo(1);
    }

    private static int mountOf(String path) {
        return MountSource.at(Path.of(path), MountInfo.parse(MOUNTS)).on().orElseThrow().id();
    }

    @Test
    void linksAreFollowedAndWhatIsMissingIsMade() throws IOException {
        var real = Files.createDirectory(folder.resolve("real"));
        var link = Files.createSymbolicLink(folder.resolve("link"), real);
        var missing = link.resolve("a/b");
        var found = ensure(missing, MountPropagation.PROPAGATION_PRIVATE);
        assertThat(real.resolve("a/b")).isDirectory();
        assertThat(found.path()).isEqualTo(real.resolve("a/b").toRealPath());
        assertThat(found.on()).isEmpty();
        assertThat(ensure(link, MountPropagation.PROPAGATION_BIDIRECTIONAL).on()).isPresent();
    }

    @Test
    void aLinkToNothingIsRefusedByName() throws IOException {
        var link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nothing"));
        assertThatThrownBy(() -> ensure(link, MountPropagation.PROPAGATION_PRIVATE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(link.toString());
        assertThat(folder.resolve("nothing")).doesNotExist();
    }

    @Test
    void aRelativePathIsRefused() {
        assertThatThrownBy(() -> ensure(Path.of("a"), MountPropagation.PROPAGATION_PRIVATE))
                .isInstanceOf(SandboxException.InvalidRequest.class);
    }

    private MountSource ensure(Path path, MountPropagation propagation) throws IOException {
        try (var calls = new BlockingCalls(1, 1)) {
            var paths = new HostPaths(calls, new HostFiles(new LinuxCalls()));
            var mount = Mount.newBuilder().setHostPath(path.toString());
            return paths.ensure("c", mount.setPropagation(propagation).build());
        }
    }
}
