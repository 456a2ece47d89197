package io.berth.sandbox.request;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PortMapping;
import io.berth.sandbox.SandboxException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PodNamesTest {
    private static void taken(PodSandboxConfig.Builder config) {
        assertThatCode(() -> PodNames.check(config.build())).doesNotThrowAnyException();
    }

    private static void refused(PodSandboxConfig.Builder config, String field) {
        assertThatThrownBy(() -> PodNames.check(config.build()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageStartingWith("config." + field + ": found ")
                .hasMessageNotContainingAny("\n", "\0");
    }

    private static PodSandboxConfig.Builder hostname(String name) {
        return PodSandboxConfig.newBuilder().setHostname(name);
    }

    private static PodSandboxConfig.Builder sysctl(String name) {
        return PodSandboxConfig.newBuilder()
                .setLinux(LinuxPodSandboxConfig.newBuilder().putSysctls(name, "1"));
    }

    @Test
    void hostNamesAreNamesOfDns() {
        for (var name : List.of("", "a", "web-0", "web-0.svc.example.org", "A_b", "1.2")) {
            taken(hostname(name));
        }
        taken(hostname("a".repeat(63)));
        for (var name :
                List.of("a\n", "\na", "a b", "-a", "a-", "a..b", ".a", "a.", "a\0", "ä", "a/b")) {
            refused(hostname(name), "hostname");
        }
        refused(hostname("a".repeat(64)), "hostname");
        refused(hostname("a.".repeat(40) + "a"), "hostname");
    }

    @Test
    void podsOnTheHostsNetworkHaveNoNameOfTheirOwn() {
        taken(network(NamespaceMode.NODE));
        taken(network(NamespaceMode.POD).setHostname("web-0"));
        refused(network(NamespaceMode.NODE).setHostname("web-0"), "hostname");
    }

    private static PodSandboxConfig.Builder network(NamespaceMode mode) {
        var config = PodSandboxConfig.newBuilder();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(mode);
        return config;
    }

    @Test
    void kernelSettingsStayBelowTheirFolder() {
        for (var name :
                List.of(
                        "net.ipv4.ip_forward",
                        "net/ipv4/ip_forward",
                        "net.ipv4.conf.eth0/100.forwarding",
                        "kernel.shm_rmid_forced",
                        "net.ipv4.conf.br-1@2.forwarding")) {
            taken(sysctl(name));
        }
        for (var name :
                List.of(
                        "",
                        ".",
                        "net/../kernel/core_pattern",
                        "net..ipv4",
                        "/net/ipv4",
                        "net.ipv4.",
                        "net.ipv4 x",
                        "net.a\n",
                        "net.\0",
                        "net.*")) {
            refused(sysctl(name), "linux.sysctls");
        }
        refused(sysctl("net." + "a".repeat(250)), "linux.sysctls");
    }

    @Test
    void portsAreThoseThatAre() {
        for (int port : new int[] {0, 1, 65_535}) {
            taken(ports(port, 80));
            taken(ports(0, port));
        }
        for (int port : new int[] {-1, 65_536, 99_999_999, Integer.MIN_VALUE}) {
            refused(ports(port, 80), "port_mappings.host_port");
            refused(ports(0, port), "port_mappings.container_port");
        }
    }

    private static PodSandboxConfig.Builder ports(int host, int container) {
        return PodSandboxConfig.newBuilder()
                .addPortMappings(
                        PortMapping.newBuilder().setHostPort(host).setContainerPort(container));
    }
}
