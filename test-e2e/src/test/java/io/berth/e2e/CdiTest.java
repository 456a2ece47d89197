package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.CDIDevice;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Devices of vendors, described by files in the node's CDI folders. */
class CdiTest extends SecurityNodeTest {
    private static final String SCRIPT =
            "echo $VENDOR; head -c 3 /dev/vendor | wc -c; cat /vendor/file; id -G;"
                    + " cat /tmp/hook 2>/dev/null";

    @Test
    void whatAFileSaysIsInTheContainer() throws IOException {
        Files.writeString(Files.createDirectories(folder("lib")).resolve("file"), "library\n");
        Files.writeString(
                Files.createDirectories(folder("cdi")).resolve("vendor.yaml"),
                """
                cdiVersion: 0.7.0
                kind: vendor.example/thing
                containerEdits:
                  mounts: [{hostPath: %s, containerPath: /vendor, options: [rbind, ro]}]
                  hooks: [{hookName: createRuntime, path: /bin/touch, args: [touch, %s]}]
                devices:
                  - name: one
                    containerEdits:
                      env: [VENDOR=one]
                      deviceNodes: [{path: /dev/vendor, hostPath: /dev/zero}]
                      additionalGids: [4242]
                """
                        .formatted(folder("lib"), folder("hook-ran")));
        var pod = pod();
        var asked = shell(LinuxContainerSecurityContext.newBuilder(), SCRIPT);
        asked.addCDIDevices(CDIDevice.newBuilder().setName("vendor.example/thing=one"));
        assertThat(output(pod, asked)).containsExactly("one", "3", "library", "0 4242");
        assertThat(folder("hook-ran")).exists();
        var annotated = shell(LinuxContainerSecurityContext.newBuilder(), SCRIPT);
        annotated.putAnnotations("cdi.k8s.io/plugin_1", "vendor.example/thing=one");
        assertThat(output(pod, annotated)).containsExactly("one", "3", "library", "0 4242");
    }

    @Test
    void aDeviceThatNoFileHasIsRefusedByName() throws IOException {
        var pod = pod();
        var asked = shell(LinuxContainerSecurityContext.newBuilder(), "true");
        asked.addCDIDevices(CDIDevice.newBuilder().setName("vendor.example/thing=none"));
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> kubelet.create(pod.id(), pod.config(), asked.build()),
                "CDI devices vendor.example/thing=none: no file in [" + folder("cdi"));
    }

    private Path folder(String name) {
        return node.folders().top().resolve(name);
    }
}
