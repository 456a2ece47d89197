package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.DNSConfig;
import io.berth.cri.v1.HugepageLimit;
import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.MountPropagation;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PortMapping;
import io.berth.cri.v1.RunPodSandboxRequest;
import io.berth.cri.v1.SecurityProfile;
import io.berth.cri.v1.SecurityProfile.ProfileType;
import io.berth.cri.v1.UserNamespace;
import io.berth.sandbox.SandboxException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the kubelet and crictl send for a pod without special wishes is accepted. */
class OrdinaryRequestsTest {
    @Test
    void theKubeletsPodPasses() {
        assertThatCode(() -> FieldPolicy.check(run(kubeletPod()))).doesNotThrowAnyException();
    }

    @Test
    void theKubeletsContainerPasses() {
        assertThatCode(() -> FieldPolicy.check(create(kubeletContainer())))
                .doesNotThrowAnyException();
    }

    @Test
    void crictlsSamplesPass() {
        var pod =
                PodSandboxConfig.newBuilder()
                        .setMetadata(Fixtures.podConfig().getMetadata())
                        .setLogDirectory("/tmp")
                        .setLinux(io.berth.cri.v1.LinuxPodSandboxConfig.getDefaultInstance());
        var container =
                ContainerConfig.newBuilder()
                        .setMetadata(Fixtures.containerConfig().getMetadata())
                        .setImage(Fixtures.containerConfig().getImage())
                        .addCommand("top")
                        .setLogPath("busybox.0.log")
                        .setLinux(io.berth.cri.v1.LinuxContainerConfig.getDefaultInstance());
        assertThatCode(
                        () -> {
                            FieldPolicy.check(run(pod));
                            FieldPolicy.check(create(container));
                        })
                .doesNotThrowAnyException();
    }

    @Test
    void theRefusalNamesThePathTheValueAndTheReason() {
        var config = kubeletContainer();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setIpc(NamespaceMode.TARGET);
        assertThatThrownBy(() -> FieldPolicy.check(create(config)))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage(
                        "config.linux.security_context.namespace_options.ipc: found TARGET, wanted"
                                + " NODE or POD; berth does not honour it yet: the pod's own or the"
                                + " host's");
    }

    @Test
    void aStopSignalThatTheProtocolDoesNotNameIsRefused() {
        assertThatThrownBy(
                        () -> FieldPolicy.check(create(kubeletContainer().setStopSignalValue(999))))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageStartingWith("config.stop_signal: found UNKNOWN_ENUM_VALUE_Signal_999");
    }

    private static RunPodSandboxRequest run(PodSandboxConfig.Builder config) {
        return RunPodSandboxRequest.newBuilder().setConfig(config).build();
    }

    private static CreateContainerRequest create(ContainerConfig.Builder config) {
        return CreateContainerRequest.newBuilder()
                .setPodSandboxId("a")
                .setConfig(config)
                .setSandboxConfig(kubeletPod())
                .build();
    }

    private static PodSandboxConfig.Builder kubeletPod() {
        var config =
                Fixtures.podConfig()
                        .setDnsConfig(DNSConfig.newBuilder().addServers("10.0.0.10"))
                        .addPortMappings(PortMapping.newBuilder().setContainerPort(80))
                        .putLabels("io.kubernetes.pod.name", "web")
                        .putAnnotations("kubernetes.io/config.source", "api");
        config.getLinuxBuilder()
                .putSysctls("net.ipv4.ip_unprivileged_port_start", "0")
                .setOverhead(io.berth.cri.v1.LinuxContainerResources.getDefaultInstance());
        config.getLinuxBuilder().getResourcesBuilder().setCpuShares(102).setCpuPeriod(100_000);
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setSeccomp(SecurityProfile.newBuilder().setProfileType(ProfileType.RuntimeDefault))
                .addSupplementalGroups(2000)
                .getNamespaceOptionsBuilder()
                .setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.NODE));
        return config;
    }

    private static ContainerConfig.Builder kubeletContainer() {
        var config =
                Fixtures.containerConfig()
                        .addCommand("serve")
                        .addEnvs(
                                KeyValue.newBuilder()
                                        .setKey("PORT")
                                        .setValue(ByteString.copyFromUtf8("80")))
                        .addMounts(
                                Mount.newBuilder()
                                        .setHostPath("/var/lib/kubelet/pods/uid-1/etc-hosts")
                                        .setContainerPath("/etc/hosts"))
                        .addMounts(
                                Mount.newBuilder()
                                        .setHostPath("/var/lib/kubelet/pods/uid-1/volumes/v")
                                        .setContainerPath("/data")
                                        .setReadonly(true)
                                        .setPropagation(
                                                MountPropagation.PROPAGATION_HOST_TO_CONTAINER))
                        .putAnnotations("io.kubernetes.container.hash", "deadbeef")
                        .setLogPath("server/0.log")
                        .setTty(true);
        config.getImageBuilder()
                .putAnnotations("kubernetes.io/config.source", "api")
                .setUserSpecifiedImage("server:1");
        config.getLinuxBuilder()
                .getResourcesBuilder()
                .setCpuShares(102)
                .setOomScoreAdj(999)
                .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB"))
                .putUnified("memory.oom.group", "1");
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setRunAsUser(Int64Value.newBuilder().setValue(1000))
                .setSeccomp(SecurityProfile.newBuilder().setProfileType(ProfileType.Unconfined))
                .addAllMaskedPaths(List.of("/proc/kcore"))
                .addAllReadonlyPaths(List.of("/proc/sys"))
                .getNamespaceOptionsBuilder()
                .setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.NODE));
        return config;
    }
}
