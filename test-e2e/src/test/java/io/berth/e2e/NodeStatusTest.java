package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.CgroupDriver;
import io.berth.cri.v1.ImageFsInfoRequest;
import io.berth.cri.v1.RestorePodRequest;
import io.berth.cri.v1.RuntimeCondition;
import io.berth.cri.v1.RuntimeConfigRequest;
import io.berth.cri.v1.StatusRequest;
import io.berth.cri.v1.VersionRequest;
import io.berth.e2e.node.CniConf;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What the node says about itself. */
class NodeStatusTest extends NodeTest {
    @Test
    void versionIsComplete() {
        var version = node.client().runtime().version(VersionRequest.getDefaultInstance());
        assertThat(version.getVersion()).isNotEmpty();
        assertThat(version.getRuntimeName()).isEqualTo("berth");
        assertThat(version.getRuntimeVersion()).isNotEmpty();
        assertThat(version.getRuntimeApiVersion()).isEqualTo("v1");
    }

    @Test
    void networkIsReadyWhileThereIsAConfiguration() throws IOException {
        Waiting.until("a ready network", Kubelet.SOON, () -> network().getStatus());
        CniConf.remove(node.folders());
        try {
            Waiting.until(
                    "a network that is not ready", Kubelet.SOON, () -> !network().getStatus());
            assertThat(network().getReason()).isNotEmpty();
            assertThat(network().getMessage()).contains(node.folders().cni().toString());
            assertThat(condition("RuntimeReady").getStatus()).isTrue();
            var pod = kubelet.pod().build();
            var refused = failure(() -> kubelet.run(pod));
            assertThat(refused.getDescription()).contains(node.folders().cni().toString());
        } finally {
            CniConf.write(node.folders());
        }
        Waiting.until("a ready network again", Kubelet.SOON, () -> network().getStatus());
        kubelet.run(kubelet.pod().build());
    }

    private RuntimeCondition network() {
        return condition("NetworkReady");
    }

    private RuntimeCondition condition(String type) {
        var status = node.client().runtime().status(StatusRequest.getDefaultInstance());
        return status.getStatus().getConditionsList().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void verboseStatusTellsTheFolders() {
        var status =
                node.client().runtime().status(StatusRequest.newBuilder().setVerbose(true).build());
        assertThat(status.getInfoMap().get("config"))
                .contains("\"stateDir\":\"" + node.folders().state() + "\"");
        assertThat(status.getInfoMap()).containsEntry("lastCNILoadStatus", "OK");
        assertThat(status.getInfoMap().get("cniconfig"))
                .contains(node.folders().bridge(), "\"IFName\":\"eth0\"");
        assertThat(status.getRuntimeHandlersList())
                .extracting(handler -> handler.getName())
                .contains("", "runc", "crun", "v3");
    }

    @Test
    void cgroupDriverIsTold() {
        var config =
                node.client().runtime().runtimeConfig(RuntimeConfigRequest.getDefaultInstance());
        assertThat(config.getLinux().getCgroupDriver()).isEqualTo(CgroupDriver.CGROUPFS);
    }

    @Test
    void imageFileSystemIsToldBeforeAnythingElse() {
        var info = node.client().images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
        assertThat(info.getImageFilesystemsList()).isNotEmpty();
        var first = info.getImageFilesystems(0);
        assertThat(first.getFsId().getMountpoint()).startsWith(node.folders().root().toString());
        assertThat(first.getTimestamp()).isPositive();
    }

    @Test
    void whatIsNotThereYetSaysSo() {
        var runtime = node.client().runtime();
        fails(
                Status.Code.UNIMPLEMENTED,
                () -> runtime.restorePod(RestorePodRequest.getDefaultInstance()));
    }
}
