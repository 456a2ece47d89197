package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.UserNamespace;
import io.grpc.Status;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What berth does not honour yet is refused by its name, and leaves nothing. */
class RefusedFieldsTest extends NodeTest {
    private static final Status.Code REFUSED = Status.Code.INVALID_ARGUMENT;

    @Test
    void podFieldsAreRefusedByName() throws IOException {
        refused(
                sandbox(
                        LinuxSandboxSecurityContext.newBuilder()
                                .setNamespaceOptions(
                                        NamespaceOption.newBuilder()
                                                .setUsernsOptions(
                                                        UserNamespace.newBuilder()
                                                                .setMode(NamespaceMode.POD)))),
                "userns_options");
    }

    @Test
    void anUnknownHandlerIsRefusedByName() throws IOException {
        var pod = kubelet.pod().build();
        fails(REFUSED, () -> kubelet.run(pod, "no-such-handler"), "no-such-handler", "runc");
    }

    @Test
    void containerFieldsAreRefusedByName() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        refused(
                sandbox,
                pod,
                config().addMounts(
                                Mount.newBuilder()
                                        .setHostPath("/tmp")
                                        .setContainerPath("/m")
                                        .addMountOptions("dev")),
                "mount_options");
    }

    @Test
    void anImageThatIsNotHereIsNamed() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var image = config();
        image.getImageBuilder().setImage("example.invalid/nothing:1");
        var missing = failure(() -> kubelet.create(sandbox, pod, image.build()));
        assertThat(missing.getDescription()).contains("example.invalid/nothing:1");
    }

    private ContainerConfig.Builder config() {
        return kubelet.shell("c", "true");
    }

    private void refused(PodSandboxConfig pod, String field) {
        fails(REFUSED, () -> kubelet.run(pod), field);
    }

    private void refused(
            String sandbox, PodSandboxConfig pod, ContainerConfig.Builder config, String field) {
        fails(REFUSED, () -> kubelet.create(sandbox, pod, config.build()), field);
    }

    private PodSandboxConfig sandbox(LinuxSandboxSecurityContext.Builder security)
            throws IOException {
        return kubelet.pod()
                .setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(security))
                .build();
    }
}
