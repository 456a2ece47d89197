package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.sandbox.SandboxException;
import org.junit.jupiter.api.Test;
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
