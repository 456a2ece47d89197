package io.berth.daemon;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.sandbox.settings.RuntimeOptions;
import io.berth.sandbox.settings.SandboxSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdBusTest {
    @TempDir Path host;

    private static SandboxSettings settings(boolean systemd) {
        var handler =
                new SandboxSettings.RuntimeHandler(
                        "runc",
                        Path.of("/shim"),
                        Optional.empty(),
                        systemd,
                        false,
                        RuntimeOptions.NONE);
        return new SandboxSettings(
                Path.of("/r"),
                Path.of("/s"),
                Path.of("/n"),
                "runc",
                Map.of("runc", handler),
                "/berth",
                "pause",
                1,
                SandboxSettings.Timeouts.defaults());
    }

    @Test
    void withoutTheDriverNothingIsNeeded() {
        assertThatCode(() -> SystemdBus.require(settings(false), host)).doesNotThrowAnyException();
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        assertThatThrownBy(() -> SystemdBus.require(settings(true), host))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("[runc]")
                .hasMessageContaining("/run/systemd/system")
                .hasMessageContaining("cgroupDriver");
        Files.createDirectories(host.resolve("run/systemd/system"));
        assertThatThrownBy(() -> SystemdBus.require(settings(true), host))
                .hasMessageContaining("/run/dbus/system_bus_socket");
        Files.createFile(host.resolve("run/systemd/private"));
        assertThatCode(() -> SystemdBus.require(settings(true), host)).doesNotThrowAnyException();
    }
}
