package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.IDMapping;
import io.berth.cri.v1.MountPropagation;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.UserNamespace;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.runtime.HandlerFeatures;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class UserNamespacesTest {
    private static final Path PIN = Path.of("/run/berth/userns/a");

    @Test
    void aPodJoinsItsPinnedNamespaceAndSaysItsMaps() {
        var host =
                new PodHost(
                        Optional.of(Path.of("/n")),
                        Optional.of(PIN),
                        "/c",
                        HandlerFeatures.all(),
                        Fixtures.limits());
        var spec = Fixtures.pod(pod(own(), NamespaceMode.POD), host);
        assertThat(Fixtures.namespaces(spec)).startsWith("user=" + PIN, "mount=new", "network=/n");
        assertThat(spec.at("/linux/uidMappings").toString())
                .isEqualTo("[{\"containerID\":0,\"hostID\":1000,\"size\":3}]");
        assertThat(spec.at("/linux/gidMappings/0/hostID").asInt()).isEqualTo(1000);
        // Group 5, tty, is not among the three that the pod has.
        var pts = Fixtures.texts(Fixtures.mount(spec, "/dev/pts").get("options"));
        assertThat(pts).doesNotContain("gid=5").contains("newinstance");
    }

    @Test
    void aContainerJoinsItAndSeesThePodsFilesAsItsOwn() {
        var config = Fixtures.containerConfig();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setUsernsOptions(own());
        var spec = Fixtures.spec(config, pod(own(), NamespaceMode.POD), host());
        assertThat(Fixtures.namespaces(spec)).startsWith("user=" + PIN);
        assertThat(Fixtures.mount(spec, "/etc/hosts").at("/uidMappings/0/hostID").asInt())
                .isEqualTo(1000);
        assertThat(Fixtures.mount(spec, "/dev/shm").has("uidMappings")).isFalse();
        assertThat(Fixtures.mount(spec, "/sys").get("type").asText()).isEqualTo("sysfs");
        var hostNetwork = Fixtures.spec(config, pod(own(), NamespaceMode.NODE), host());
        var sys = Fixtures.mount(hostNetwork, "/sys");
        assertThat(sys.get("type").asText()).isEqualTo("bind");
        assertThat(Fixtures.texts(sys.get("options"))).contains("rbind", "rro", "nosuid");
    }

    @Test
    void aContainerThatAsksForAnotherIsRefused() {
        assertThatThrownBy(
                        () ->
                                Fixtures.spec(
                                        Fixtures.containerConfig(),
                                        pod(own(), NamespaceMode.POD),
                                        host()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("found no user namespace in a pod with uids");
        var config = Fixtures.containerConfig();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setUsernsOptions(own())
                .setPid(NamespaceMode.NODE);
        assertThatThrownBy(() -> Fixtures.spec(config, pod(own(), NamespaceMode.POD), host()))
                .hasMessageContaining("found POD beside the host's pid namespace");
    }

    @Test
    void mountsOfAUserNamespaceNeverReachTheHost() {
        var config = Fixtures.containerConfig();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setUsernsOptions(own());
        config.addMountsBuilder()
                .setHostPath("/a")
                .setContainerPath("/a")
                .setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL);
        var sources = List.of(new MountSource(Path.of("/a"), Optional.empty()));
        assertThatThrownBy(
                        () -> Fixtures.spec(config, pod(own(), NamespaceMode.POD), host(sources)))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("in a pod with a user namespace");
    }

    @Test
    void nodeAndNoneAreTheHosts() {
        var node = UserNamespace.newBuilder().setMode(NamespaceMode.NODE);
        assertThat(UserNamespaces.of(pod(node, NamespaceMode.POD).build())).isEmpty();
        assertThat(UserNamespaces.of(Fixtures.podConfig().build())).isEmpty();
        refused(own().setMode(NamespaceMode.NODE), "mode: found NODE with 1 uids and 1 gids");
    }

    @Test
    void whatContradictsItselfIsRefused() {
        refused(own().setMode(NamespaceMode.CONTAINER), "mode: found CONTAINER");
        refused(own().setMode(NamespaceMode.TARGET), "mode: found TARGET");
        refused(own().clearUids(), "uids: found 0 ranges, wanted exactly one");
        refused(own().addGids(own().getGids(0)), "gids: found 2 ranges");
        var high = IDMapping.newBuilder().setContainerId(1).setHostId(1).setLength(1);
        refused(own().clearGids().addGids(high), "gids: found ids from 1 on");
        for (var kind : List.of("pid", "ipc")) {
            var config = pod(own(), NamespaceMode.POD);
            var namespaces =
                    config.getLinuxBuilder()
                            .getSecurityContextBuilder()
                            .getNamespaceOptionsBuilder();
            if (kind.equals("pid")) {
                namespaces.setPid(NamespaceMode.NODE);
            } else {
                namespaces.setIpc(NamespaceMode.NODE);
            }
            assertThatThrownBy(() -> UserNamespaces.of(config.build()))
                    .hasMessageContaining("beside the host's " + kind + " namespace");
        }
    }

    @Test
    void aHandlerThatCannotSaysWhy() {
        var config = pod(own(), NamespaceMode.POD).build();
        assertThatCode(() -> UserNamespaces.check(config, HandlerFeatures.all()))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> UserNamespaces.check(config, HandlerFeatures.none("it is old")))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageEndingWith("mode: found POD, wanted NODE or none: it is old");
    }

    private static void refused(UserNamespace.Builder userns, String reason) {
        assertThatThrownBy(() -> UserNamespaces.of(pod(userns, NamespaceMode.POD).build()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageStartingWith("linux.security_context.namespace_options.userns_options.")
                .hasMessageContaining(reason);
    }

    private static ContainerHost host() {
        return host(List.of());
    }

    private static ContainerHost host(List<MountSource> sources) {
        var mounts = new MountHost(sources, HandlerFeatures.all());
        var plain = Fixtures.host(mounts, OptionalInt.empty(), Fixtures.limits());
        return new ContainerHost(
                new JoinedNamespaces(Fixtures.POD_PID, OptionalInt.empty(), Optional.of(PIN)),
                plain.user(),
                plain.cgroupsPath(),
                plain.shm(),
                plain.resolvConf(),
                plain.hostname(),
                plain.hosts(),
                mounts,
                plain.limits());
    }

    private static UserNamespace.Builder own() {
        var map = IDMapping.newBuilder().setHostId(1000).setLength(3).build();
        return UserNamespace.newBuilder().setMode(NamespaceMode.POD).addUids(map).addGids(map);
    }

    private static PodSandboxConfig.Builder pod(
            UserNamespace.Builder userns, NamespaceMode network) {
        var config = Fixtures.podConfig();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setNamespaceOptions(
                        NamespaceOption.newBuilder()
                                .setPid(NamespaceMode.CONTAINER)
                                .setNetwork(network)
                                .setUsernsOptions(userns));
        return config;
    }
}
