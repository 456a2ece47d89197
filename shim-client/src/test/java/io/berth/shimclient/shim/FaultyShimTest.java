package io.berth.shimclient.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Processes;
import io.berth.shimclient.bundle.Bundle;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** A process of the start that carries neither the pod's id nor a name of a shim. */
    private static final String LEAVES_ONE = "sleep 1000 < /dev/null > /dev/null 2>&1 & ";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo hello",
                "echo '{\"version\":9,\"address\":\"unix:///run/containerd/s/x\"}'",
                "printf '\\010\\011\\022\\010unix:///s'",
                "exit 3"
            })
    void startThatIsRefusedLeavesNoProcess(String answer) throws IOException {
        rig(LEAVES_ONE + answer);
        assertThatThrownBy(() -> rig().startShim("pod")).isInstanceOf(ShimException.Failed.class);
        assertThat(processesIn(rig().bundleOf("pod"))).isEmpty();
    }

    @Test
    void processThatAStartLeftGoesWithThePod() throws IOException {
        rig("[ $9 = start ] || exit 0; " + LEAVES_ONE + "echo unix:///run/containerd/s/nobody");
        var request = rig().request("pod");
        ShimRig.step(() -> new ShimBinary(new Processes(), rig().settings).start(request));
        assertThat(processesIn(rig().bundleOf("pod"))).hasSize(1); // as after a kill of the daemon
        ShimRig.step(() -> rig().shims.forceDelete(request));
        assertThat(processesIn(rig().bundleOf("pod"))).isEmpty();
    }

    private static List<String> processesIn(Path bundle) throws IOException {
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            var found = new ArrayList<String>();
            for (var entry : entries) {
                try {
                    if (Files.readSymbolicLink(entry.resolve("cwd")).startsWith(bundle)) {
                        found.add(Files.readString(entry.resolve("cmdline")).replace('\0', ' '));
                    }
                } catch (IOException vanished) {
                    assertThat(vanished).isInstanceOf(IOException.class);
                }
            }
            return found;
        }
    }

    @Test
    void socketThatARefusedAnswerNamesGoesIfNobodyListens() throws IOException {
        var socket =
                ShimSocket.DIRECTORY.resolve("berth-test-left-" + ProcessHandle.current().pid());
        Files.createDirectories(ShimSocket.DIRECTORY);
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            rig("echo '{\"version\":9,\"address\":\"unix://" + socket + "\"}'");
            assertThatThrownBy(() -> rig().startShim("pod"))
                    .isInstanceOf(ShimException.Failed.class);
            assertThat(socket).as("somebody listens").exists();
        }
        assertThatThrownBy(() -> rig().startShim("pod")).isInstanceOf(ShimException.Failed.class);
        assertThat(socket).doesNotExist();
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
