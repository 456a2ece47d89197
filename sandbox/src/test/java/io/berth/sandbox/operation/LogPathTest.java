package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.sandbox.SandboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogPathTest {
    @Test
    void liesInsideTheFolder() {
        assertThat(LogPath.of("/var/log/pods/p", "web/0.log"))
                .isEqualTo("/var/log/pods/p/web/0.log");
        assertThat(LogPath.of("/var/log/pods/p/", "web/../0.log"))
                .isEqualTo("/var/log/pods/p/0.log");
    }

    @Test
    void isThatOfAFileOrOfNothing(@TempDir Path folder) throws Exception {
        LogPath.requireFile("");
        LogPath.requireFile(folder.resolve("new/0.log").toString());
        var file = Files.createFile(folder.resolve("0.log"));
        LogPath.requireFile(file.toString());
        var fifo = folder.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
        var link = Files.createSymbolicLink(folder.resolve("link"), file);
        for (var path : List.of(folder, fifo, link, Path.of("/dev/null"), file.resolve("0.log"))) {
            assertThatThrownBy(() -> LogPath.requireFile(path.toString()))
                    .isInstanceOf(SandboxException.InvalidRequest.class)
                    .hasMessageStartingWith("config.log_path: found a ");
        }
    }

    @Test
    void isEmptyIfEitherIs() {
        assertThat(LogPath.of("", "web.log")).isEmpty();
        assertThat(LogPath.of("/var/log/pods/p", "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x.log", "web/../../p2/0.log", "/etc/passwd", ".", "a\0b"})
    void isRefusedWhereItLeavesTheFolder(String path) {
        assertThatThrownBy(() -> LogPath.of("/var/log/pods/p", path))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("config.log_path");
    }

    @Test
    void isRefusedInAFolderThatIsNotAbsolute() {
        assertThatThrownBy(() -> LogPath.of("logs", "web.log"))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("log_directory");
    }
}
