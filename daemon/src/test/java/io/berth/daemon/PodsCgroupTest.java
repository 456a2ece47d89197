package io.berth.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.CgroupLayout;
import io.berth.linux.Cgroups;
import io.berth.linux.LinuxCalls;
import io.berth.sandbox.settings.RuntimeOptions;
import io.berth.sandbox.settings.SandboxSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On plain files, as cgroups are another's on most machines. */
class PodsCgroupTest {
    @TempDir Path root;

    @BeforeEach
    void controllers() throws IOException {
        Files.writeString(root.resolve("cgroup.controllers"), "cpu memory pids\n");
        Files.writeString(root.resolve("cgroup.subtree_control"), "\n");
    }

    /** Makes the cgroup for handlers, each of which says whether its driver is systemd. */
    private void create(Boolean... systemd) throws IOException {
        var handlers = new HashMap<String, SandboxSettings.RuntimeHandler>();
        for (var driver : List.of(systemd)) {
            var name = "runc" + handlers.size();
            handlers.put(
                    name,
                    new SandboxSettings.RuntimeHandler(
                            name,
                            Path.of("/shim"),
                            Optional.empty(),
                            driver,
                            false,
                            RuntimeOptions.NONE));
        }
        var settings =
                new SandboxSettings(
                        Path.of("/r"),
                        Path.of("/s"),
                        Path.of("/n"),
                        "runc0",
                        handlers,
                        "/berth",
                        "pause",
                        1,
                        SandboxSettings.Timeouts.defaults());
        PodsCgroup.of(new Cgroups(new LinuxCalls(), new CgroupLayout.Unified(root)), settings)
                .create();
    }

    @Test
    void systemdMakesThePlaceOfItsPodsItself() throws IOException {
        create(true, true);
        assertThat(root.resolve("berth")).doesNotExist();
    }

    @Test
    void oneHandlerWithoutSystemdNeedsThePlace() throws IOException {
        create(true, false);
        assertThat(root.resolve("berth")).isDirectory();
    }
}
