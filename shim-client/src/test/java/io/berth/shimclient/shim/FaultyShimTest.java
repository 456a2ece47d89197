package io.berth.shimclient.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.shimclient.bundle.Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shim programs that do not do what they should: errors that say so, and nothing left running. */
@Tag("root") // the folder of the shims' sockets is root's
@Timeout(60)
class FaultyShimTest {
    private static final Duration SHORT = Duration.ofMillis(700);
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir Path directory;
    private @Nullable ShimRig made;

    private ShimRig rig() {
        return Objects.requireNonNull(made, "no rig yet");
    }

    private void rig(String script) throws IOException {
        rig(script, LONG);
    }

    private void rig(String script, Duration limit) throws IOException {
        var program = directory.resolve("shim");
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        var timeouts = new ShimTimeouts(limit, limit, limit, limit, limit, limit, limit, limit);
        made = new ShimRig(directory.resolve("node"), program, timeouts);
        rig().bundle("pod", "exit 0");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        var bundle = rig().bundleOf("pod");
        assertThat(rig().shims.pidsOf(bundle)).isEmpty();
        assertThat(rig().socketExists("pod")).isFalse();
        ShimRig.step(() -> new Bundle(bundle).remove(rig().files));
        rig().close();
    }

    @Test
    void startThatFailsIsQuoted() throws IOException {
        rig("echo no such thing >&2; exit 3");
        assertThatThrownBy(() -> rig().startShim("pod"))
                .isInstanceOf(ShimException.Failed.class)
                .hasMessageContaining("answered 3: no such thing");
    }

    @Test
    void startThatTalksNonsenseIsQuoted() throws IOException {
        rig("echo hello");
        assertThatThrownBy(() -> rig().startShim("pod"))
                .isInstanceOf(ShimException.Failed.class)
                .hasMessageContaining("start answered address 'hello'");
    }

    @Test
    void startThatTalksTooMuchIsCut() throws IOException {
        rig(
                "while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done");
        assertThatThrownBy(() -> rig().startShim("pod")).isInstanceOf(ShimException.class);
    }

    @Test
    void startThatHangsIsKilled() throws IOException {
        rig("exec sleep 1000", SHORT);
        assertThatThrownBy(() -> rig().startShim("pod"))
                .isInstanceOf(ShimException.TimedOut.class)
                .hasMessageContaining("shim pod: start");
    }

    @Test
    void startWhoseShimIsNotThereIsLost() throws IOException {
        rig("echo unix:///run/containerd/s/berth-test-nobody");
        assertThatThrownBy(() -> rig().startShim("pod")).isInstanceOf(ShimException.ShimLost.class);
    }

    @Test
    void programThatIsNotThereIsNamed() throws IOException {
        rig("exit 0");
        Files.delete(directory.resolve("shim"));
        assertThatThrownBy(() -> rig().startShim("pod"))
                .isInstanceOf(ShimException.Failed.class)
                .hasMessageContaining(directory.resolve("shim").toString());
    }

    @Test
    void deleteThatFailsIsQuoted() throws IOException {
        rig("echo busy >&2; exit 1");
        assertThatThrownBy(() -> ShimRig.step(() -> rig().shims.forceDelete(rig().request("pod"))))
                .isInstanceOf(ShimException.Failed.class)
                .hasMessageContaining("busy");
    }
}
