package io.berth.sandbox.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.sandbox.resource.Finding;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.sandbox.sandbox.SandboxId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What CNI plugins keep for pods that nobody knows is named, and removed by order alone. */
class UnownedAddressTest {
    private static final SandboxId GONE = new SandboxId("5".repeat(64));

    @TempDir(factory = ShortFolder.class)
    Path folder;

    private NodeRig rig;
    private Path leases;

    @BeforeEach
    void open() throws IOException {
        rig = NodeRig.open(folder);
        leases = Files.createDirectories(folder.resolve("ipam/rig"));
        rig.plugins()
                .conf(
                        """
                        {"cniVersion": "1.0.0", "name": "rig", "plugins": [{"type": "rig-net",
                         "ipam": {"type": "host-local", "dataDir": "%s"}}]}
                        """
                                .formatted(folder.resolve("ipam")));
        var bin = rig.plugins().binFolder();
        Files.copy(
                bin.resolve("loopback"),
                bin.resolve("host-local"),
                StandardCopyOption.COPY_ATTRIBUTES);
        rig.restart();
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    private Path lease(String ip, SandboxId pod) throws IOException {
        return Files.writeString(leases.resolve(ip), pod.value() + "\neth0");
    }

    @Test
    void theAuditNamesItAndItsFixGivesItBack() throws IOException {
        var pod = rig.runPod("web");
        var kept = lease("10.77.0.2", pod);
        var left = lease("10.77.0.3", GONE);
        rig.restart();
        assertThat(left).as("a daemon does not remove by itself what has no mark").exists();
        var finding =
                new Finding(
                        Finding.Verdict.LEAK,
                        ResourceKind.ADDRESS,
                        left.toString(),
                        Finding.UNKNOWN);
        assertThat(rig.findings()).containsExactly(finding);
        assertThat(new Audit(rig.node()).fix(List.of(finding))).isEmpty();
        assertThat(left).doesNotExist();
        assertThat(kept).exists();
        assertThat(rig.findings()).isEmpty();
    }

    @Test
    void anAddressThatThePluginDoesNotGiveBackGoesWithTheAttachmentOfAPodWithoutCache()
            throws IOException {
        var pod = rig.runPod("web");
        var held = lease("10.77.0.2", pod);
        try (var cached = Files.newDirectoryStream(rig.folder().resolve("cni/results"))) {
            for (var file : cached) {
                Files.delete(file);
            }
        }
        rig.sandboxes().stopPodSandbox(pod.value());
        assertThat(held).doesNotExist();
    }
}
