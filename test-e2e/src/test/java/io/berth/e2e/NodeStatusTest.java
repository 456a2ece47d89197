package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import io.berth.cri.v1.CgroupDriver;
import io.berth.cri.v1.ContainerStatusRequest;
import io.berth.cri.v1.ImageFsInfoRequest;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.PodSandboxStatusRequest;
import io.berth.cri.v1.RuntimeCondition;
import io.berth.cri.v1.RuntimeConfigRequest;
import io.berth.cri.v1.StatusRequest;
import io.berth.cri.v1.VersionRequest;
import io.berth.e2e.node.CniConf;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What the node says about itself. */
class NodeStatusTest extends NodeTest {
    private static final JsonMapper JSON = new JsonMapper();

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
                .contains("\"stateDir\":\"" + node.folders().state() + "\"")
                .contains("\"copies\":{\"runtimeType\":\"io.containerd.runc.v2\"");
        assertThat(status.getInfoMap()).containsEntry("lastCNILoadStatus", "OK");
        assertThat(status.getInfoMap().get("cniconfig"))
                .contains(node.folders().bridge(), "\"IFName\":\"eth0\"");
        assertThat(status.getRuntimeHandlersList())
                .extracting(handler -> handler.getName())
                .contains("", "runc", "crun", "v3");
    }

    /** The names are containerd's; who looks with crictl inspect and jq finds the same. */
    @Test
    void verboseStatusesOfPodsAndContainersTellHowTheyWereMade() throws IOException {
        var pod = kubelet.pod().putLabels("k", "v").build();
        var sandbox = kubelet.run(pod);
        var config =
                kubelet.shell("main", "exec sleep 300")
                        .addEnvs(
                                KeyValue.newBuilder()
                                        .setKey("A")
                                        .setValue(ByteString.copyFromUtf8("1")))
                        .build();
        var id = kubelet.launch(sandbox, pod, config);
        var container = info(id);
        assertThat(container.path("sandboxID").asText()).isEqualTo(sandbox);
        assertThat(container.path("pid").asInt()).isPositive();
        assertThat(container.path("removing").asBoolean(true)).isFalse();
        assertThat(container.path("snapshotKey").asText()).isEqualTo(id);
        assertThat(container.path("snapshotter").asText()).isEqualTo("overlayfs");
        assertThat(container.path("runtimeType").asText()).isEqualTo("io.containerd.runc.v2");
        assertThat(container.at("/runtimeOptions/root").asText()).isNotEmpty();
        assertThat(container.at("/config/metadata/name").asText()).isEqualTo("main");
        assertThat(container.at("/config/envs/0/key").asText()).isEqualTo("A");
        assertThat(container.at("/runtimeSpec/ociVersion").asText()).isNotEmpty();

        var before = podInfo(sandbox);
        var ip = kubelet.podStatus(sandbox).getNetwork().getIp();
        assertThat(before.at("/cniResult/Interfaces/eth0/IPConfigs/0/IP").asText()).isEqualTo(ip);
        assertThat(before.at("/config/labels/k").asText()).isEqualTo("v");
        assertThat(before.path("netNamespaceClosed").asBoolean(true)).isFalse();
        assertThat(before.path("processStatus").asText()).isEqualTo("running");
        assertThat(before.path("snapshotKey").asText()).isEqualTo(sandbox);
        kubelet.stopPod(sandbox);
        var after = podInfo(sandbox);
        assertThat(after.path("netNamespaceClosed").asBoolean()).isTrue();
        assertThat(after.has("cniResult")).isFalse();
    }

    private JsonNode info(String container) throws IOException {
        var request = ContainerStatusRequest.newBuilder().setContainerId(container);
        var response = node.client().runtime().containerStatus(request.setVerbose(true).build());
        return JSON.readTree(response.getInfoMap().get("info"));
    }

    private JsonNode podInfo(String sandbox) throws IOException {
        var request = PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox);
        var response = node.client().runtime().podSandboxStatus(request.setVerbose(true).build());
        return JSON.readTree(response.getInfoMap().get("info"));
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
}
