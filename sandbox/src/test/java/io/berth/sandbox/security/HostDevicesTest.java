package io.berth.sandbox.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.Device;
import io.berth.linux.LinuxCalls;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostDevicesTest {
    private final HostDevices devices = new HostDevices(new LinuxCalls());
    @TempDir Path folder;

    @Test
    void everyDeviceOfTheHostIsListedWithItsNumbers() throws IOException {
        var all = devices.all();
        assertThat(all)
                .anySatisfy(
                        device -> {
                            assertThat(device.path()).isEqualTo("/dev/null");
                            assertThat(device.type()).isEqualTo("c");
                            assertThat(device.major()).isEqualTo(1);
                            assertThat(device.minor()).isEqualTo(3);
                        });
        assertThat(all).noneMatch(HostDevice::fifo);
        assertThat(all)
                .extracting(HostDevice::path)
                .doesNotHaveDuplicates()
                .doesNotContain("/dev/console")
                .noneMatch(path -> path.startsWith("/dev/pts/") || path.startsWith("/dev/shm/"));
    }

    @Test
    void aDeviceIsGivenWhereItIsAskedFor() throws IOException {
        var granted = asked("/dev/zero", "/dev/nothing", "rm").getFirst();
        assertThat(granted.access()).isEqualTo("rm");
        assertThat(granted.device().path()).isEqualTo("/dev/nothing");
        assertThat(granted.device().minor()).isEqualTo(5);
        var linux = JsonNodeFactory.instance.objectNode();
        new ContainerDevices(List.of(), List.of(granted), false).write(linux);
        assertThat(linux.at("/devices/0/path").asText()).isEqualTo("/dev/nothing");
        assertThat(linux.at("/resources/devices/0").toString())
                .isEqualTo(
                        "{\"allow\":true,\"type\":\"c\",\"major\":1,\"minor\":5,\"access\":\"rm\"}");
    }

    @Test
    void linksAreFollowedAndFoldersStandForWhatIsInThem() throws IOException {
        Files.createSymbolicLink(folder.resolve("link"), Path.of("/dev/full"));
        Files.createDirectories(folder.resolve("sub"));
        Files.writeString(folder.resolve("sub/file"), "no device");
        assertThat(asked(folder + "/link", "", "r").getFirst().device())
                .satisfies(
                        device -> {
                            assertThat(device.path()).isEqualTo(folder + "/link");
                            assertThat(device.minor()).isEqualTo(7);
                        });
        assertThat(asked(folder.toString(), "/dev/x", "r")).isEmpty();
        assertThat(asked("/dev", "/host", "r"))
                .extracting(granted -> granted.device().path())
                .contains("/host/null", "/host/zero")
                .doesNotContain("/host/console");
    }

    @Test
    void whatIsNoDeviceIsRefusedByItsEntry() throws IOException {
        var file = Files.writeString(folder.resolve("file"), "");
        refused(file.toString(), "", "r", "devices[0].host_path: " + file + " is neither a device");
        refused(folder + "/none", "", "r", "/none is not on this node");
        refused("dev/null", "", "r", "host_path: found 'dev/null'");
        refused("/dev/null", "null", "r", "container_path: found 'null'");
        refused("/dev/null", "", "", "permissions: found ''");
        refused("/dev/null", "", "rx", "permissions: found 'rx'");
    }

    @Test
    void everythingReplacesAllRules() {
        var linux = JsonNodeFactory.instance.objectNode();
        linux.withArray("/resources/devices").addObject().put("allow", false);
        new ContainerDevices(List.of(), List.of(), true).write(linux);
        assertThat(linux.at("/resources/devices").toString())
                .isEqualTo("[{\"allow\":true,\"access\":\"rwm\"}]");
        assertThat(linux.has("devices")).isFalse();
    }

    private void refused(String host, String container, String permissions, String part) {
        assertThatThrownBy(() -> asked(host, container, permissions))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining(part);
    }

    private List<HostDevices.Granted> asked(String host, String container, String permissions)
            throws IOException {
        return devices.asked(
                ContainerConfig.newBuilder()
                        .addDevices(
                                Device.newBuilder()
                                        .setHostPath(host)
                                        .setContainerPath(container)
                                        .setPermissions(permissions))
                        .build());
    }
}
