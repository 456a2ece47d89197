package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.MountPropagation;
import io.berth.sandbox.SandboxException;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MountsTest {
    @Test
    void mountsTheKernelsFilesAndThePods() {
        var spec = Fixtures.spec(Fixtures.containerConfig());
        assertThat(Fixtures.destinations(spec))
                .containsExactly(
                        "/proc",
                        "/dev",
                        "/dev/pts",
                        "/dev/mqueue",
                        "/sys",
                        "/sys/fs/cgroup",
                        "/etc/hostname",
                        "/etc/hosts",
                        "/etc/resolv.conf",
                        "/dev/shm");
        var hosts = Fixtures.mount(spec, "/etc/hosts");
        assertThat(hosts.get("source").asText()).isEqualTo("/var/lib/berth/sandboxes/a/hosts");
        assertThat(Fixtures.texts(hosts.get("options"))).containsExactly("rbind", "rprivate", "rw");
        assertThat(Fixtures.texts(Fixtures.mount(spec, "/sys").get("options"))).contains("ro");
        assertThat(Fixtures.texts(Fixtures.mount(spec, "/sys/fs/cgroup").get("options")))
                .contains("ro");
    }

    @Test
    void aReadonlyRootMakesThePodsFilesReadonlyButNotItsSharedMemory() {
        var config = Fixtures.containerConfig();
        config.getLinuxBuilder().getSecurityContextBuilder().setReadonlyRootfs(true);
        var spec = Fixtures.spec(config);
        assertThat(Fixtures.texts(Fixtures.mount(spec, "/etc/hosts").get("options")))
                .contains("ro");
        assertThat(Fixtures.texts(Fixtures.mount(spec, "/dev/shm").get("options"))).contains("rw");
    }

    @Test
    void aRequestsMountReplacesWhatHasItsDestination() {
        var spec = Fixtures.spec(with(mount("/kubelet/hosts", "/etc/hosts/", true)));
        assertThat(Fixtures.destinations(spec)).containsOnlyOnce("/etc/hosts");
        var hosts = Fixtures.mount(spec, "/etc/hosts");
        assertThat(hosts.get("source").asText()).isEqualTo("/kubelet/hosts");
        assertThat(Fixtures.texts(hosts.get("options"))).contains("ro");
    }

    @Test
    void aRequestsDevReplacesAllThatIsInIt() {
        var spec = Fixtures.spec(with(mount("/dev", "/dev", false)));
        assertThat(Fixtures.destinations(spec))
                .contains("/dev", "/dev/shm")
                .doesNotContain("/dev/pts", "/dev/mqueue");
    }

    @Test
    void outerMountsComeBeforeInnerOnes() {
        var config = with(mount("/c", "/a/b/c", false));
        config.addMounts(mount("/b", "/a/b", false)).addMounts(mount("/a", "/a", false));
        var spec = Fixtures.spec(config);
        assertThat(Fixtures.destinations(spec)).containsSubsequence("/a", "/a/b", "/a/b/c");
    }

    @Test
    void laterMountsOfTheHostArriveOnlyWhenAsked() {
        var config = with(mount("/a", "/a", false));
        assertThat(Fixtures.spec(config).get("linux").has("rootfsPropagation")).isFalse();
        config.addMounts(
                mount("/b", "/b", false).toBuilder()
                        .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER));
        var spec = Fixtures.spec(config);
        assertThat(Fixtures.texts(Fixtures.mount(spec, "/b").get("options"))).contains("rslave");
        assertThat(Fixtures.texts(Fixtures.mount(spec, "/a").get("options"))).contains("rprivate");
        assertThat(spec.at("/linux/rootfsPropagation").asText()).isEqualTo("rslave");
    }

    @Test
    void aRelativePathIsRefused() {
        assertThatThrownBy(() -> Fixtures.spec(with(mount("a", "/a", false))))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage("config.mounts[0].host_path: found 'a', wanted an absolute path");
        assertThatThrownBy(() -> Fixtures.spec(with(mount("/a", "", false))))
                .hasMessageStartingWith("config.mounts[0].container_path: found ''");
    }

    @Test
    void aLabelIsRefusedOnlyWhereTheKernelWouldReadIt() {
        var config = with(mount("/a", "/a", false).toBuilder().setSelinuxRelabel(true).build());
        assertThat(Fixtures.destinations(Fixtures.spec(config))).contains("/a");
        var selinux = new HostLimits(Set.of(), 0, false, false, false, true, "n");
        assertThatThrownBy(() -> Fixtures.spec(config, Fixtures.podConfig(), selinux))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageStartingWith("config.mounts[0].selinux_relabel: found true");
    }

    private static Mount mount(String host, String container, boolean readonly) {
        return Mount.newBuilder()
                .setHostPath(host)
                .setContainerPath(container)
                .setReadonly(readonly)
                .build();
    }

    private static ContainerConfig.Builder with(Mount mount) {
        return Fixtures.containerConfig().addMounts(mount);
    }
}
