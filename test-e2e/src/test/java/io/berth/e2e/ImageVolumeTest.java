package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.PullImageRequest;
import io.berth.cri.v1.RemoveImageRequest;
import io.berth.e2e.cri.Audit;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Images as volumes: of one layer and of so many that their names fit in no single option. */
class ImageVolumeTest extends NodeTest {
    private static final int LAYERS = 12;
    private static final String FAILED = "ImageVolumeMountFailed: config.mounts[0]";

    @SuppressWarnings("NullAway.Init")
    private TestImage layered;

    @BeforeAll
    void pull() throws IOException {
        layered = TestImage.layered(node.folders().mark(), LAYERS);
        node.registry().push(layered, "e2e/layered", "1");
        pull("e2e/layered:1");
    }

    private void pull(String name) {
        node.client()
                .images()
                .pullImage(
                        PullImageRequest.newBuilder()
                                .setImage(image(node.registry().reference(name)))
                                .build());
    }

    private static ImageSpec.Builder image(String reference) {
        return ImageSpec.newBuilder().setImage(reference);
    }

    private static Mount.Builder volume(String reference) {
        return Mount.newBuilder()
                .setContainerPath("/volume")
                .setReadonly(true)
                .setImage(image(reference));
    }

    @Test
    void whatAnImageDeclaresIsTheContainersOwnAndGoesWithIt() throws IOException {
        var declaring =
                TestImage.declaring(
                        "declares-" + node.folders().mark(),
                        List.of("/www/", "/new/data", "/home"));
        node.registry().push(declaring, "e2e/declaring", "1");
        pull("e2e/declaring:1");
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var script =
                "cat /www/index.html; echo mine > /www/index.html; echo x > /new/data/f;"
                        + " grep -c -e ' /www ' -e ' /new/data ' -e ' /home ' /proc/self/mountinfo;"
                        + " exec sleep 300";
        var first = declared(declaring, "first", script);
        first.getLinuxBuilder().getSecurityContextBuilder().setReadonlyRootfs(true);
        var id = kubelet.launch(sandbox, pod, first.build());
        kubelet.awaitLine(Kubelet.log(pod, first), "3");
        var page = "hello from declares-" + node.folders().mark();
        assertThat(LogLine.texts(Kubelet.log(pod, first), "stdout")).containsExactly(page, "3");
        node.kill();
        node.restart(Map.of());
        var kept = kubelet.exec(id, "cat", "/www/index.html").getStdout().toStringUtf8();
        assertThat(kept).isEqualTo("mine\n");

        var empty = Files.createDirectories(node.folders().top().resolve("mounted"));
        var second =
                declared(declaring, "second", "ls /www | wc -l; ls /new/data | wc -l")
                        .addMounts(
                                Mount.newBuilder()
                                        .setContainerPath("/www")
                                        .setHostPath(empty.toString()));
        kubelet.exited(kubelet.launch(sandbox, pod, second.build()));
        assertThat(LogLine.texts(Kubelet.log(pod, second), "stdout")).containsExactly("0", "0");
        var folder = node.folders().root().resolve("volumes/" + id);
        assertThat(folder.resolve("0")).isDirectory();
        kubelet.stop(id, 0);
        kubelet.remove(id);
        assertThat(folder).doesNotExist();
        endAllPods();
        new ImageCalls(node).remove(declaring.id());
    }

    private ContainerConfig.Builder declared(TestImage image, String name, String script) {
        return kubelet.shell(name, script).setImage(image(image.id()));
    }

    @Test
    void anImageIsSeenReadAndRunButNotWritten() throws IOException {
        for (var reference : List.of(node.reference(), layered.id())) {
            var config =
                    kubelet.shell(
                                    "c",
                                    "/volume/bin/cat /volume/www/index.html;"
                                            + " touch /volume/x || echo closed; ls /volume/layers")
                            .addMounts(volume(reference));
            var pod = kubelet.pod().build();
            var id = kubelet.launch(kubelet.run(pod), pod, config.build());
            kubelet.exited(id);
            var lines = LogLine.texts(Kubelet.log(pod, config), "stdout");
            assertThat(lines.subList(0, 2))
                    .containsExactly("hello from " + node.folders().mark(), "closed");
            boolean many = reference.equals(layered.id());
            assertThat(lines).hasSize(many ? 2 + LAYERS + 1 : 2);
            var mount = kubelet.status(id).getMounts(0);
            assertThat(mount.getImage().getImage()).isEqualTo(reference);
            assertThat(mount.getImage().getImageRef())
                    .isEqualTo(many ? layered.id() : node.image().id());
        }
    }

    @Test
    void anImageOfManyLayersRuns() throws IOException {
        var config = kubelet.shell("c", "cat /layers/1 /layers/" + LAYERS);
        config.getImageBuilder().setImage(layered.id());
        var pod = kubelet.pod().build();
        kubelet.exited(kubelet.launch(kubelet.run(pod), pod, config.build()));
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout"))
                .containsExactly("1", Integer.toString(LAYERS));
    }

    @Test
    void aFolderOfTheImageIsMountedAloneAndLinksStayInTheImage() throws IOException {
        var config =
                kubelet.shell("c", "cat /volume/5; cat /out/passwd | wc -l; ls /out")
                        .addMounts(volume(layered.id()).setImageSubPath("layers"))
                        .addMounts(
                                volume(layered.id())
                                        .setContainerPath("/out")
                                        .setImageSubPath("layers/out"));
        var pod = kubelet.pod().build();
        kubelet.exited(kubelet.launch(kubelet.run(pod), pod, config.build()));
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout"))
                .containsExactly("5", "2", "group", "passwd");
    }

    @Test
    void whatCannotBeMountedIsRefusedWithTheKubeletsWord() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = layered.id();
        refused(sandbox, volume(id).setImageSubPath("nothing"), "image_sub_path: found 'nothing'");
        refused(sandbox, volume(id).setImageSubPath("etc/passwd"), "which is no folder of image");
        refused(sandbox, volume(id).setImageSubPath("../etc"), "wanted a path inside the image");
        refused(sandbox, volume(id).setReadonly(false), "readonly: found false");
        refused(sandbox, volume(id).setHostPath("/tmp"), "host_path: found '/tmp'");
        refused(sandbox, volume("example.test/none:1"), "image example.test/none:1: not on this");
        assertThat(Audit.findings(node.client())).isEmpty();
    }

    private void refused(String sandbox, Mount.Builder mount, String reason) throws IOException {
        var pod = kubelet.pod().build();
        ContainerConfig config = kubelet.shell("c", "true").addMounts(mount).build();
        var status = failure(() -> kubelet.create(sandbox, pod, config));
        assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
        assertThat(status.getDescription()).startsWith(FAILED).contains(reason);
    }

    @Test
    void anImageThatIsRemovedStaysForItsVolume() throws IOException {
        var other = TestImage.layered(node.folders().mark() + "-other", 1);
        node.registry().push(other, "e2e/other", "1");
        pull("e2e/other:1");
        var config = kubelet.shell("c", "sleep 1000").addMounts(volume(other.id()));
        var pod = kubelet.pod().build();
        var id = kubelet.launch(kubelet.run(pod), pod, config.build());
        node.client()
                .images()
                .removeImage(RemoveImageRequest.newBuilder().setImage(image(other.id())).build());
        assertThat(kubelet.exec(id, "cat", "/volume/layers/1").getStdout().toStringUtf8())
                .isEqualTo("1\n");
    }
}
