package io.berth.sandbox.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.LinuxCalls;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CdiRegistryTest {
    @TempDir Path top;
    private Path first;
    private Path second;
    private CdiRegistry registry;

    @BeforeEach
    void makeFolders() throws IOException {
        first = Files.createDirectory(top.resolve("first"));
        second = Files.createDirectory(top.resolve("second"));
        registry = new CdiRegistry(new LinuxCalls(), List.of(first, second, top.resolve("none")));
    }

    @Test
    void everyKindOfEditReachesTheSpec() throws IOException {
        Files.writeString(
                first.resolve("vendor.yaml"),
                """
                cdiVersion: 1.1.0
                kind: vendor.com/gpu
                containerEdits:
                  env: [ALL=1]
                  hooks: [{hookName: createContainer, path: /bin/true, args: [a, x], timeout: 5}]
                  intelRdt: {closID: fast, schemata: ["L3:0=f"], enableMonitoring: true}
                devices:
                  - name: one
                    containerEdits:
                      env: [PATH=/vendor, ONE=1]
                      deviceNodes: [{path: /dev/gpu, hostPath: /dev/zero, permissions: r}]
                      mounts:
                        - {hostPath: /lib/vendor, containerPath: /data, options: [ro, bind]}
                      additionalGids: [0, 44, 3000]
                """);
        var spec = spec();
        registry.resolve(List.of("vendor.com/gpu=one", "vendor.com/gpu=one")).write(spec);
        assertThat(spec.at("/process/env").toString())
                .isEqualTo("[\"PATH=/vendor\",\"ALL=1\",\"ONE=1\"]");
        assertThat(spec.at("/process/user/additionalGids").toString()).isEqualTo("[3000,44]");
        assertThat(spec.at("/linux/devices/0").toString())
                .isEqualTo(
                        "{\"path\":\"/dev/gpu\",\"type\":\"c\",\"major\":1,\"minor\":5,"
                                + "\"fileMode\":%d,\"uid\":1000}",
                        new LinuxCalls().lstat(Path.of("/dev/zero")).permissions());
        assertThat(spec.at("/linux/resources/devices/1").toString())
                .isEqualTo(
                        "{\"allow\":true,\"type\":\"c\",\"major\":1,\"minor\":5,\"access\":\"r\"}");
        assertThat(spec.at("/mounts").toString())
                .isEqualTo(
                        "[{\"destination\":\"/proc\"},{\"destination\":\"/data\","
                                + "\"source\":\"/lib/vendor\",\"options\":[\"ro\",\"bind\"]},"
                                + "{\"destination\":\"/data/inner\"}]");
        assertThat(spec.at("/hooks/createContainer/0").toString())
                .isEqualTo("{\"path\":\"/bin/true\",\"args\":[\"a\",\"x\"],\"timeout\":5}");
        assertThat(spec.at("/linux/intelRdt/closID").asText()).isEqualTo("fast");
    }

    @Test
    void inAUserNamespaceOwnersOfBindMountsAreShifted() throws IOException {
        device(first, "a.yaml", "mounts: [{hostPath: /a, containerPath: /b, options: [rbind]}]");
        var spec = spec();
        spec.withObject("/linux").putArray("namespaces").addObject().put("type", "user");
        registry.resolve(List.of("vendor.com/dev=x")).write(spec);
        assertThat(spec.at("/mounts/1/options").toString()).isEqualTo("[\"rbind\",\"ridmap\"]");
    }

    @Test
    void aLaterFolderReplacesAnEarlierOne() throws IOException {
        device(first, "z.yaml", "env: [FROM=first]");
        device(second, "a.yaml", "env: [FROM=second]");
        assertThat(registry.resolve(List.of("vendor.com/dev=x")).edits().toString())
                .contains("FROM=second")
                .doesNotContain("first");
    }

    @Test
    void twoOfOneFolderAreAConflict() throws IOException {
        device(first, "a.yaml", "env: [A=1]");
        device(first, "b.yaml", "env: [A=2]");
        refused("vendor.com/dev=x", "b.yaml: device vendor.com/dev=x is in");
        device(second, "c.yaml", "env: [A=3]");
        assertThat(registry.resolve(List.of("vendor.com/dev=x")).edits()).isNotEmpty();
    }

    @Test
    void aBadFileTakesOnlyItsOwnDevicesWithIt() throws IOException {
        device(first, "good.yaml", "env: [A=1]");
        Files.writeString(first.resolve("bad.json"), "{");
        Files.writeString(first.resolve("ignored.txt"), "{");
        Files.createDirectory(first.resolve("folder.yaml"));
        assertThat(registry.resolve(List.of("vendor.com/dev=x")).edits()).hasSize(2);
        refused("vendor.com/dev=y", "CDI devices vendor.com/dev=y: no file in [");
        refused("vendor.com/dev=y", "bad.json: is not JSON");
        refused("gpu", "'gpu' (wanted VENDOR/CLASS=NAME)");
    }

    @Test
    void aNodeThatTheHostLacksMustBeDescribed() throws IOException {
        device(first, "a.yaml", "deviceNodes: [{path: /dev/no-such-node}]");
        refused("vendor.com/dev=x", "its node /dev/no-such-node cannot be looked at");
        device(first, "a.yaml", "deviceNodes: [{path: /dev/no-such, type: b, major: 7, minor: 9}]");
        var spec = spec();
        registry.resolve(List.of("vendor.com/dev=x")).write(spec);
        assertThat(spec.at("/linux/devices/0/major").asInt()).isEqualTo(7);
        assertThat(spec.at("/linux/resources/devices/1/access").asText()).isEqualTo("rwm");
        device(first, "a.yaml", "deviceNodes: [{path: /dev/null, type: b}]");
        refused("vendor.com/dev=x", "its node /dev/null is of type c");
        device(first, "a.yaml", "deviceNodes: [{path: /etc}]");
        refused("vendor.com/dev=x", "its node /etc is no device");
        device(first, "a.yaml", "deviceNodes: [{path: /dev/null, permissions: none}]");
        var none = spec();
        registry.resolve(List.of("vendor.com/dev=x")).write(none);
        assertThat(none.at("/linux/resources/devices")).hasSize(1);
    }

    @Test
    void interfacesAreNotMovedInSilence() throws IOException {
        device(first, "a.yaml", "netDevices: [{hostInterfaceName: eth1, name: net1}]");
        refused("vendor.com/dev=x", "moves network interfaces, which berth does not do yet");
    }

    private void refused(String name, String part) {
        assertThatThrownBy(() -> registry.resolve(List.of(name)))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining(part);
    }

    private static void device(Path folder, String file, String edits) throws IOException {
        Files.writeString(
                folder.resolve(file),
                """
                cdiVersion: 1.1.0
                kind: vendor.com/dev
                devices: [{name: x, containerEdits: {%s}}]
                """
                        .formatted(edits));
    }

    private static ObjectNode spec() throws IOException {
        return (ObjectNode)
                new JsonMapper()
                        .readTree(
                                """
                                {"process":{"env":["PATH=/bin"],
                                   "user":{"uid":1000,"gid":0,"additionalGids":[3000]}},
                                 "mounts":[{"destination":"/data/inner"},{"destination":"/proc"}],
                                 "linux":{"resources":{"devices":[{"allow":false}]}}}
                                """);
    }
}
