package io.berth.daemon;

import io.berth.sandbox.settings.SandboxSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the systemd cgroup driver of OCI runtimes needs: systemd as init, and a way to call it. */
final class SystemdBus {
    /** There as long as systemd is init (sd_booted(3)). */
    private static final Path BOOTED = Path.of("run/systemd/system");

    private static final List<Path> BUSES =
            List.of(Path.of("run/dbus/system_bus_socket"), Path.of("run/systemd/private"));

    private static final List<Path> COMMANDS =
            List.of(Path.of("usr/bin/systemctl"), Path.of("bin/systemctl"));

    private SystemdBus() {}

    /** Whether a handler uses the driver. */
    static boolean isUsed(SandboxSettings settings) {
        return settings.runtimes().values().stream()
                .anyMatch(SandboxSettings.RuntimeHandler::systemdCgroup);
    }

    /**
     * The command that systemd is told by; none where it is not init.
     *
     * @param host the root that is looked at
     */
    static Optional<Path> systemctl(Path host) {
        if (!Files.isDirectory(host.resolve(BOOTED))) {
            return Optional.empty();
        }
        return COMMANDS.stream().map(host::resolve).filter(Files::isExecutable).findFirst();
    }

    /**
     * Returns if no handler uses the driver, or if it can work.
     *
     * @param host the root that is looked at
     * @throws IOException naming the handlers that want it and what they lack
     */
    static void require(SandboxSettings settings, Path host) throws IOException {
        var handlers =
                settings.runtimes().values().stream()
                        .filter(SandboxSettings.RuntimeHandler::systemdCgroup)
                        .map(SandboxSettings.RuntimeHandler::name)
                        .sorted()
                        .toList();
        if (handlers.isEmpty()) {
            return;
        }
        var lacks = "";
        if (!Files.isDirectory(host.resolve(BOOTED))) {
            lacks = "systemd as init (no folder /" + BOOTED + ")";
        } else if (BUSES.stream().map(host::resolve).noneMatch(Files::exists)) {
            lacks = "its bus (neither /" + BUSES.getFirst() + " nor /" + BUSES.getLast() + ")";
        }
        if (!lacks.isEmpty()) {
            throw new IOException(
                    ("systemd_cgroup of runtime handlers %s: wanted %s, found none; set it to false"
                                    + " here and the kubelet's cgroupDriver to cgroupfs")
                            .formatted(handlers, lacks));
        }
    }
}
