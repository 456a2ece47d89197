package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.IDMapping;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.MountPropagation;
import io.berth.linux.MountEntry;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.runtime.HandlerFeatures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
    void mountsArriveOnTheOtherSideOnlyWhenAsked() {
        var config = with(mount("/a", "/a", false));
        assertThat(Fixtures.spec(config).get("linux").has("rootfsPropagation")).isFalse();
        config.addMounts(propagating("/b", MountPropagation.PROPAGATION_HOST_TO_CONTAINER));
        var host = onMounts("shared:1", "master:1");
        var spec = Fixtures.spec(config, Fixtures.podConfig(), host);
        assertThat(options(spec, "/b")).contains("rslave");
        assertThat(options(spec, "/a")).contains("rprivate");
        assertThat(spec.at("/linux/rootfsPropagation").asText()).isEqualTo("rslave");
        config.addMounts(propagating("/c", MountPropagation.PROPAGATION_BIDIRECTIONAL));
        host = onMounts("shared:1", "master:1", "shared:7");
        spec = Fixtures.spec(config, Fixtures.podConfig(), host);
        assertThat(options(spec, "/c")).contains("rshared");
        assertThat(spec.at("/linux/rootfsPropagation").asText()).isEqualTo("rshared");
    }

    @Test
    void aSourceThatDoesNotPropagateIsRefusedByItsMount() {
        var slave = with(propagating("/b", MountPropagation.PROPAGATION_HOST_TO_CONTAINER));
        assertThatThrownBy(() -> Fixtures.spec(slave, Fixtures.podConfig(), onMounts("")))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage(
                        "config.mounts[0].propagation: found PROPAGATION_HOST_TO_CONTAINER for"
                                + " /source/0, which lies on the mount at /source; wanted a shared"
                                + " mount or a slave there");
        var both = with(propagating("/b", MountPropagation.PROPAGATION_BIDIRECTIONAL));
        assertThatThrownBy(() -> Fixtures.spec(both, Fixtures.podConfig(), onMounts("master:1")))
                .hasMessageContaining("wanted a shared mount there");
    }

    @Test
    void optionsOfAMountAreAddedAndOthersRefused() {
        var asked = mount("/a", "/a", true).toBuilder().addMountOptions("noexec");
        var config = with(asked.addMountOptions("nosuid").addMountOptions("noexec").build());
        assertThat(options(Fixtures.spec(config), "/a"))
                .containsExactly("rbind", "rprivate", "ro", "noexec", "nosuid");
        var suid = with(mount("/a", "/a", true).toBuilder().addMountOptions("suid").build());
        assertThatThrownBy(() -> Fixtures.spec(suid))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage(
                        "config.mounts[0].mount_options: found 'suid', wanted noexec, nodev or"
                                + " nosuid");
    }

    @Test
    void readOnlyWithAllBelowNeedsReadonlyPrivateAndARuntimeThatCan() {
        var asked = mount("/a", "/a", true).toBuilder().setRecursiveReadOnly(true);
        assertThat(options(Fixtures.spec(with(asked.build())), "/a"))
                .containsExactly("rbind", "rprivate", "rro");
        assertThatThrownBy(() -> Fixtures.spec(with(asked.clone().setReadonly(false).build())))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("recursive_read_only: found true beside readonly false");
        for (var how :
                List.of(
                        MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
                        MountPropagation.PROPAGATION_BIDIRECTIONAL)) {
            assertThatThrownBy(() -> Fixtures.spec(with(asked.clone().setPropagation(how).build())))
                    .isInstanceOf(SandboxException.InvalidRequest.class)
                    .hasMessageContaining("beside propagation " + how);
        }
        var config = with(asked.build());
        var none = HandlerFeatures.none("runc lists no mount option rro");
        assertThatThrownBy(() -> AskedMounts.check(config.build(), none))
                .isInstanceOf(SandboxException.Failed.class)
                .hasMessageStartingWith("RROUnsupported: config.mounts[0].recursive_read_only:")
                .hasMessageEndingWith("runc lists no mount option rro");
    }

    @Test
    void ownersAreShownAsMapped() {
        var asked =
                mount("/a", "/a", false).toBuilder()
                        .addUidMappings(map(0, 1000, 10))
                        .addGidMappings(map(0, 2000, 10));
        var mounted = Fixtures.mount(Fixtures.spec(with(asked.build())), "/a");
        assertThat(mounted.get("uidMappings").toString())
                .isEqualTo("[{\"containerID\":0,\"hostID\":1000,\"size\":10}]");
        assertThat(mounted.at("/gidMappings/0/hostID").asInt()).isEqualTo(2000);
        assertThatThrownBy(() -> Fixtures.spec(with(asked.clone().clearGidMappings().build())))
                .hasMessageContaining("uidMappings: found 1 beside 0 gidMappings");
        assertThatThrownBy(
                        () ->
                                AskedMounts.check(
                                        with(asked.build()).build(),
                                        HandlerFeatures.none("it is too old")))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageEndingWith("wanted none: it is too old");
    }

    @Test
    void anImageIsMountedReadOnlyOrNotAtAll() {
        var image = ImageSpec.newBuilder().setImage("sha256:1");
        var asked = Mount.newBuilder().setContainerPath("/data").setReadonly(true).setImage(image);
        var spec = Fixtures.spec(with(asked.build()), Fixtures.podConfig(), onMounts("irrelevant"));
        assertThat(options(spec, "/data"))
                .containsExactly("rbind", "rprivate", "ro", "nosuid", "nodev");
        refusedImage(asked.clone().setReadonly(false), "readonly: found false for an image");
        refusedImage(asked.clone().setHostPath("/a"), "host_path: found '/a' beside an image");
        refusedImage(asked.clone().setImage(ImageSpec.newBuilder()), "image: found no reference");
        assertThatThrownBy(
                        () ->
                                Fixtures.spec(
                                        with(
                                                mount("/a", "/a", true).toBuilder()
                                                        .setImageSubPath("x")
                                                        .build())))
                .hasMessageContaining("image_sub_path: found one without an image");
    }

    private static void refusedImage(Mount.Builder asked, String reason) {
        assertThatThrownBy(
                        () -> AskedMounts.check(with(asked.build()).build(), HandlerFeatures.all()))
                .isInstanceOf(SandboxException.Failed.class)
                .hasMessageStartingWith("ImageVolumeMountFailed: config.mounts[0].")
                .hasMessageContaining(reason);
    }

    /** A host whose n-th source is /source/n on a mount with these optional fields. */
    private static ContainerHost onMounts(String... propagation) {
        var sources = new ArrayList<MountSource>();
        for (var word : propagation) {
            var mount =
                    new MountEntry(
                            1,
                            0,
                            "8:1",
                            "/",
                            Path.of("/source"),
                            List.of("rw"),
                            word.isEmpty() ? List.of() : List.of(word),
                            "ext4",
                            "/dev/sda1",
                            List.of());
            var path = Path.of("/source/" + sources.size());
            sources.add(new MountSource(path, Optional.of(mount)));
        }
        return Fixtures.host(
                new MountHost(sources, HandlerFeatures.all()),
                OptionalInt.empty(),
                Fixtures.limits());
    }

    private static Mount propagating(String path, MountPropagation how) {
        return mount(path, path, false).toBuilder().setPropagation(how).build();
    }

    private static IDMapping.Builder map(int container, int host, int length) {
        return IDMapping.newBuilder().setContainerId(container).setHostId(host).setLength(length);
    }

    private static List<String> options(JsonNode spec, String destination) {
        return Fixtures.texts(Fixtures.mount(spec, destination).get("options"));
    }

    @Test
    void aRelativePathIsRefused() {
        assertThatThrownBy(() -> Fixtures.spec(with(mount("a", "/a", false))))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage("config.mounts[0].host_path: found 'a', wanted an absolute path");
        assertThatThrownBy(() -> Fixtures.spec(with(mount("/a", "", false))))
                .hasMessageStartingWith("config.mounts[0].container_path: found ''");
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
