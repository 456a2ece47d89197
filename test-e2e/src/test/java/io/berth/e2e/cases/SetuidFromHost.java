package io.berth.e2e.cases;

import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.RemoveImageRequest;
import io.berth.e2e.host.HostUser;
import io.berth.e2e.image.TarBytes;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.pod.Kubelet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A user of the host without rights runs the setuid program of an image, or reads and writes files
 * of a pod, through the daemon's folders; ids are no secret (CVE-2021-41103 was of this kind).
 */
public final class SetuidFromHost implements HostileCase {
    private static final String REFERENCE = "cases.local/setuid:1";

    @Override
    public String name() {
        return "setuid-from-host";
    }

    @Override
    public String purpose() {
        return "A user of the host reaches a pod's files through the daemon's folders.";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var program = Files.readAllBytes(Path.of("/bin/busybox"));
        var image =
                TestImage.topped(
                        "setuid-" + daemon.mark(), new TarBytes().file("suid", 04755, program));
        var loaded = daemon.load(image, REFERENCE);
        if (loaded.exitCode() != 0) {
            throw new IOException("image with a setuid program: " + loaded.error().strip());
        }
        var kubelet = new Kubelet(daemon);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        try {
            var spec = ImageSpec.newBuilder().setImage(REFERENCE);
            var config =
                    kubelet.shell("c", "echo secret > /dev/shm/f; echo up; exec sleep 1000")
                            .setImage(spec)
                            .addMounts(
                                    Mount.newBuilder()
                                            .setContainerPath("/volume")
                                            .setReadonly(true)
                                            .setImage(spec));
            var id = kubelet.launch(sandbox, pod, config.build());
            kubelet.awaitLine(Kubelet.log(pod, config), "up");
            return attack(daemon.state(), sandbox, id);
        } finally {
            kubelet.end(sandbox);
            daemon.client()
                    .images()
                    .removeImage(
                            RemoveImageRequest.newBuilder()
                                    .setImage(ImageSpec.newBuilder().setImage(REFERENCE))
                                    .build());
        }
    }

    private static List<String> attack(Path state, String sandbox, String id) throws IOException {
        var faults = new ArrayList<String>();
        for (var root : List.of("bundles/" + id + "/rootfs", "volumes/" + id + "/0")) {
            var suid = state.resolve(root).resolve("suid").toString();
            if (HostUser.run(suid, "true").exitCode() == 0) {
                faults.add("uid 65534 runs the setuid program " + suid);
            }
        }
        for (var shm : List.of("shm/" + sandbox, "shm/" + sandbox + "/shm")) {
            var file = state.resolve(shm).resolve("f").toString();
            if (HostUser.run("cat", file).exitCode() == 0) {
                faults.add("uid 65534 reads " + file);
            }
            var made = state.resolve(shm).resolve("made").toString();
            if (HostUser.run("touch", made).exitCode() == 0) {
                faults.add("uid 65534 makes " + made);
            }
        }
        for (var line : HostUser.rightsBelow(state)) {
            if (line.contains(id + "/") || line.contains(sandbox + "/")) {
                faults.add("uid 65534 has rights on a pod's file: " + line);
            }
        }
        return faults;
    }
}
