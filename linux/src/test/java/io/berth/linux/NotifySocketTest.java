package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotifySocketTest {
    @TempDir Path directory;

    @Test
    void aSocketThatNobodyReadsIsAnErrorThatNamesIt() {
        var address = directory.resolve("notify").toString();
        assertThatThrownBy(() -> NotifySocket.send(address, "READY=1"))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("sendto")
                .hasMessageContaining(address);
    }

    @Test
    void anAddressThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> NotifySocket.send("/" + "x".repeat(120), "READY=1"))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("ENAMETOOLONG");
    }
}
