package io.berth.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketFileTest {
    private final Path folder;
    private final Path path;

    SocketFileTest(@TempDir Path folder) {
        this.folder = folder;
        this.path = folder.resolve("x.sock");
    }

    @Test
    void aBoundSocketAnswersAtItsPathWithItsMode() throws IOException {
        try (var listener = listener();
                var file = bind(listener)) {
            assertThat(file).isNotNull();
            assertThat(answers()).isTrue();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aSocketThatAnswersIsNeverReplacedAndItsHolderIsNamed() throws IOException {
        try (var listener = listener();
                var held = bind(listener);
                var second = listener()) {
            assertThat(held).isNotNull();
            assertThatThrownBy(() -> bind(second))
                    .isInstanceOf(SocketHeld.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining("pid " + ProcessHandle.current().pid());
            assertThatThrownBy(() -> SocketFile.removeStale(path)).isInstanceOf(SocketHeld.class);
            assertThatThrownBy(() -> SocketFile.requireFree(path)).isInstanceOf(SocketHeld.class);
            assertThat(answers()).isTrue();
        }
    }

    @Test
    void aSocketWhoseBacklogIsFullIsNotTakenForDead() throws IOException {
        try (var busy = listener()) {
            busy.bind(UnixDomainSocketAddress.of(path), 1);
            var waiting = new ArrayList<SocketChannel>();
            try {
                while (connects(waiting)) {}
                assertThatThrownBy(() -> SocketFile.removeStale(path))
                        .isInstanceOf(SocketHeld.class);
            } finally {
                for (var client : waiting) {
                    client.close();
                }
            }
        }
    }

    @Test
    void aSocketThatNobodyHoldsIsReplaced() throws IOException {
        try (var dead = listener()) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        SocketFile.requireFree(path);
        assertThat(path).exists();
        try (var listener = listener();
                var file = bind(listener)) {
            assertThat(file).isNotNull();
            assertThat(answers()).isTrue();
        }
    }

    @Test
    void whatIsNoSocketStays() throws IOException {
        var text = Files.writeString(folder.resolve("text"), "precious");
        var link = Files.createSymbolicLink(folder.resolve("link"), text);
        for (var taken : new Path[] {text, link, Files.createDirectory(folder.resolve("dir"))}) {
            try (var listener = listener()) {
                assertThatThrownBy(
                                () ->
                                        SocketFile.bind(
                                                taken,
                                                "rw-------",
                                                at ->
                                                        listener.bind(
                                                                UnixDomainSocketAddress.of(at))))
                        .isInstanceOf(SocketHeld.class)
                        .hasMessageContaining(taken.toString());
                assertThatThrownBy(() -> SocketFile.removeStale(taken))
                        .isInstanceOf(SocketHeld.class);
            }
        }
        assertThat(text).hasContent("precious");
    }

    @Test
    void onlyTheOwnSocketIsRemoved() throws IOException {
        try (var listener = listener();
                var other = listener()) {
            var file = bind(listener);
            Files.delete(path);
            other.bind(UnixDomainSocketAddress.of(path));
            file.close();
            assertThat(answers()).isTrue();
        }
    }

    @Test
    void nothingIsThereToRemove() throws IOException {
        SocketFile.removeStale(path);
        SocketFile.removeStale(folder.resolve("none/x.sock"));
        SocketFile.requireFree(folder.resolve("none/x.sock"));
        assertThat(folder).isEmptyDirectory();
    }

    /** Whether one more may wait to be accepted. */
    private boolean connects(List<SocketChannel> waiting) throws IOException {
        var client = SocketChannel.open(StandardProtocolFamily.UNIX);
        waiting.add(client);
        client.configureBlocking(false);
        try {
            return client.connect(UnixDomainSocketAddress.of(path));
        } catch (SocketException full) {
            return false;
        }
    }

    private static ServerSocketChannel listener() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    }

    private SocketFile bind(ServerSocketChannel listener) throws IOException {
        return SocketFile.bind(
                path, "rw-------", at -> listener.bind(UnixDomainSocketAddress.of(at)));
    }

    private boolean answers() throws IOException {
        try (var client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return client.connect(UnixDomainSocketAddress.of(path));
        }
    }
}
