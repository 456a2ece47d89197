package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.NamespaceMode;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.security.KernelVersion;
import io.berth.sandbox.security.PodSecurity;
import io.berth.sandbox.security.Seccomp;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PodSpecTest {
    @Test
    void describesAPauseProcessWithoutRights() {
        var spec = Fixtures.pod(Fixtures.podConfig(), Fixtures.podHost());
        assertThat(Fixtures.texts(spec.at("/process/args"))).containsExactly("/pause", "pause");
        assertThat(spec.at("/process/noNewPrivileges").asBoolean()).isTrue();
        for (var set : spec.at("/process/capabilities")) {
            assertThat(set).isEmpty();
        }
        assertThat(spec.at("/process/capabilities").size()).isEqualTo(5);
        assertThat(spec.at("/root/readonly").asBoolean()).isTrue();
        assertThat(spec.get("hostname").asText()).isEqualTo("web-0");
        assertThat(spec.at("/linux/cgroupsPath").asText()).isEqualTo("/kubepods/poduid-1/a");
        assertThat(spec.at("/linux/resources/cpu/shares").asInt()).isEqualTo(2);
        assertThat(spec.at("/process/oomScoreAdj").asInt()).isEqualTo(-998);
    }

    @Test
    void oomScoreIsRaisedToWhatTheMachineAllows() {
        var limits = new HostLimits(Set.of(), -10, false, false, false, "n");
        var host = Fixtures.podHost(Optional.of(Path.of("/n")), limits);
        var spec = Fixtures.pod(Fixtures.podConfig(), host);
        assertThat(spec.at("/process/oomScoreAdj").asInt()).isEqualTo(-10);
    }

    @Test
    void makesTheNamespacesThatItsContainersJoin() {
        assertThat(Fixtures.namespaces(Fixtures.pod(Fixtures.podConfig(), Fixtures.podHost())))
                .containsExactly(
                        "mount=new", "network=/run/berth/netns/a", "uts=new", "ipc=new", "pid=new");
    }

    @Test
    void leavesOutWhatItSharesWithTheHost() {
        var config = Fixtures.podConfig();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE)
                .setIpc(NamespaceMode.NODE)
                .setPid(NamespaceMode.NODE);
        var host = Fixtures.podHost(Optional.empty(), Fixtures.limits());
        var spec = Fixtures.pod(config, host);
        assertThat(Fixtures.namespaces(spec)).containsExactly("mount=new");
        assertThat(spec.has("hostname")).isFalse();
    }

    @Test
    void aPodWithItsOwnNetworkNeedsANetworkNamespace() {
        var host = Fixtures.podHost(Optional.empty(), Fixtures.limits());
        assertThatThrownBy(() -> Fixtures.pod(Fixtures.podConfig(), host))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void setsSysctlsOfItsOwnNamespacesOnly() {
        var config = Fixtures.podConfig();
        config.getLinuxBuilder()
                .putSysctls("net.core.somaxconn", "1024")
                .putSysctls("kernel.shm_rmid_forced", "1");
        var spec = Fixtures.pod(config, Fixtures.podHost());
        assertThat(spec.at("/linux/sysctl/net.core.somaxconn").asText()).isEqualTo("1024");
        assertThat(spec.at("/linux/sysctl").size()).isEqualTo(2);

        config.getLinuxBuilder().putSysctls("kernel.pid_max", "1");
        assertThatThrownBy(() -> Fixtures.pod(config, Fixtures.podHost()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("kernel.pid_max");
    }

    @Test
    void refusesNetworkSysctlsOnTheHostsNetwork() {
        var config = Fixtures.podConfig();
        config.getLinuxBuilder()
                .putSysctls("net/core/somaxconn", "1024")
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE);
        assertThatThrownBy(
                        () ->
                                Fixtures.pod(
                                        config,
                                        Fixtures.podHost(Optional.empty(), Fixtures.limits())))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("net/core/somaxconn");
    }

    @Test
    void runsAsWhomThePodSays() {
        var config = Fixtures.podConfig();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setRunAsUser(Int64Value.newBuilder().setValue(1000))
                .addSupplementalGroups(3000);
        var user = Fixtures.pod(config, Fixtures.podHost()).at("/process/user");
        assertThat(user.get("uid").asInt()).isEqualTo(1000);
        assertThat(Fixtures.texts(user.get("additionalGids"))).containsExactly("0", "3000");

        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .clearRunAsUser()
                .setRunAsGroup(Int64Value.newBuilder().setValue(5));
        assertThatThrownBy(() -> Fixtures.pod(config, Fixtures.podHost()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageStartingWith("run_as_group: found 5 without a user");
    }

    @Test
    void bringsAProfileWhenTheRuntimesOwnIsAskedFor() {
        var config = Fixtures.podConfig();
        var none = Fixtures.pod(config, Fixtures.podHost());
        assertThat(none.get("linux").has("seccomp")).isFalse();
        var asked = PodSecurity.PLAIN.with(new Seccomp.RuntimeDefault(new KernelVersion(6, 18)));
        var seccomp = Fixtures.pod(config, Fixtures.podHost(), asked).at("/linux/seccomp");
        assertThat(seccomp.get("defaultAction").asText()).isEqualTo("SCMP_ACT_ERRNO");
        assertThat(Fixtures.texts(seccomp.at("/syscalls/0/names")))
                .contains("execve", "rt_sigtimedwait", "wait4")
                .doesNotContain("mount", "ptrace", "bpf", "socket", "unshare", "setns")
                .doesNotHaveDuplicates();
    }

    @Test
    void onlyAPrivilegedPodLeavesSysfsWritable() {
        var config = Fixtures.podConfig();
        var plain = Fixtures.mount(Fixtures.pod(config, Fixtures.podHost()), "/sys");
        assertThat(Fixtures.texts(plain.get("options"))).contains("ro");
        var privileged = PodSecurity.PLAIN.withPrivilege();
        var open = Fixtures.mount(Fixtures.pod(config, Fixtures.podHost(), privileged), "/sys");
        assertThat(Fixtures.texts(open.get("options"))).contains("rw").doesNotContain("ro");
    }

    @Test
    void tellsTheShimWhatThePodIs() {
        var config = Fixtures.podConfig();
        config.getLinuxBuilder()
                .getResourcesBuilder()
                .setCpuPeriod(100_000)
                .setCpuQuota(50_000)
                .setCpuShares(512)
                .setMemoryLimitInBytes(64L << 20);
        var annotations = Fixtures.pod(config, Fixtures.podHost()).get("annotations");
        assertThat(annotations.get("io.kubernetes.cri.container-type").asText())
                .isEqualTo("sandbox");
        assertThat(annotations.get("io.kubernetes.cri.sandbox-name").asText()).isEqualTo("web");
        assertThat(annotations.get("io.kubernetes.cri.sandbox-uid").asText()).isEqualTo("uid-1");
        assertThat(annotations.get("io.kubernetes.cri.sandbox-log-directory").asText())
                .isEqualTo("/var/log/pods/shop_web_uid-1");
        assertThat(annotations.get("io.kubernetes.cri.sandbox-cpu-quota").asText())
                .isEqualTo("50000");
        assertThat(annotations.get("io.kubernetes.cri.sandbox-memory").asText())
                .isEqualTo("67108864");
    }
}
