package io.berth.sandbox.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.sandbox.SandboxException;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.sandbox.sandbox.SandboxId;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod whose plugin made its network and refuses to undo it. */
class GivenUpNetworksTest {
    private static final String REFUSAL = "the bridge is busy";

    @TempDir(factory = ShortFolder.class)
    Path top;

    private static GivenUpNetworks networks(NodeRig rig) {
        var node = rig.node();
        return new GivenUpNetworks(
                node.sandboxes(),
                node.adoptions(),
                node.operations(),
                node.resources(),
                node.networks());
    }

    private static void removalFails(NodeRig rig, SandboxId pod) {
        assertThatThrownBy(() -> rig.sandboxes().stopPodSandbox(pod.value()))
                .hasMessageContaining("rig-net")
                .hasMessageContaining(REFUSAL);
        assertThatThrownBy(() -> rig.sandboxes().removePodSandbox(pod.value()))
                .hasMessageContaining(REFUSAL);
    }

    @Test
    void whatAPluginMadeIsKeptUntilAnOperatorGivesItUp() throws IOException {
        try (var rig = NodeRig.open(top)) {
            var pod = rig.runPod("web");
            assertThatThrownBy(() -> networks(rig).run(pod.value()))
                    .isInstanceOf(SandboxException.WrongState.class)
                    .hasMessageContaining("is ready; stop it");
            rig.plugins().fail("DEL", REFUSAL);
            removalFails(rig, pod);
            rig.restart();
            removalFails(rig, pod);
            assertThat(rig.node().sandboxes().find(pod)).isPresent();

            assertThat(networks(rig).run(pod.value()))
                    .singleElement()
                    .asString()
                    .contains("rig-net", REFUSAL);
            rig.sandboxes().stopPodSandbox(pod.value());
            rig.sandboxes().removePodSandbox(pod.value());
            assertThat(rig.node().sandboxes().find(pod)).isEmpty();
            assertThat(rig.findings()).isEmpty();
        }
    }
}
