package io.berth.e2e.cases;

import io.berth.cri.v1.Capability;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.SecurityProfile;
import io.berth.cri.v1.SecurityProfile.ProfileType;
import io.berth.e2e.pod.Checkpoints;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Command;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A checkpoint that describes a restricted process while CRIU's images hold one with all
 * capabilities. On a node without CRIU nothing can be restored, and there is nothing to try.
 */
public final class CheckpointRights implements HostileCase {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "checkpoint-rights";
    }

    @Override
    public String purpose() {
        return "A checkpoint holds a process with more rights than it says and the request gives.";
    }

    private static ContainerConfig.Builder with(
            ContainerConfig.Builder config, LinuxContainerSecurityContext.Builder security) {
        var options = config.getLinux().getSecurityContext().getNamespaceOptions();
        config.getLinuxBuilder().setSecurityContext(security.setNamespaceOptions(options));
        return config;
    }

    private static LinuxContainerSecurityContext.Builder restricted() {
        return LinuxContainerSecurityContext.newBuilder()
                .setNoNewPrivs(true)
                .setSeccomp(SecurityProfile.newBuilder().setProfileType(ProfileType.RuntimeDefault))
                .setCapabilities(Capability.newBuilder().addDropCapabilities("ALL"));
    }

    private static LinuxContainerSecurityContext.Builder mighty() {
        return LinuxContainerSecurityContext.newBuilder()
                .setCapabilities(Capability.newBuilder().addAddCapabilities("ALL"));
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var kubelet = new Kubelet(daemon);
        var checkpoints = new Checkpoints(daemon, kubelet);
        var pod = checkpoints.pod().build();
        var sandbox = kubelet.run(pod);
        try {
            var saved = with(checkpoints.counting("c"), mighty()).build();
            var id = kubelet.launch(sandbox, pod, saved);
            checkpoints.awaitCounted(pod, saved);
            var archive = daemon.work().resolve("rights.tar");
            try {
                checkpoints.save(id, archive);
            } catch (StatusRuntimeException impossible) {
                if (impossible.getStatus().getCode() == Status.Code.FAILED_PRECONDITION) {
                    return List.of();
                }
                throw impossible;
            }
            kubelet.remove(id);
            var said = with(checkpoints.counting("c"), restricted());
            var described = kubelet.create(sandbox, pod, said.build());
            var spec = daemon.state().resolve("bundles/" + described + "/config.json");
            describe(daemon.work(), archive, spec);
            kubelet.remove(described);
            var wanted = said.setImage(ImageSpec.newBuilder().setImage(archive.toString()));
            try {
                var restored = kubelet.launch(sandbox, pod, wanted.build());
                return List.of(
                        "it runs with "
                                + kubelet.exec(restored, "grep", "CapEff", "/proc/1/status")
                                        .getStdout()
                                        .toStringUtf8());
            } catch (StatusRuntimeException refused) {
                var status = refused.getStatus();
                return status.getCode() == Status.Code.FAILED_PRECONDITION
                        ? List.of()
                        : List.of("found " + status + ", wanted FAILED_PRECONDITION");
            } finally {
                Files.delete(archive);
            }
        } finally {
            kubelet.end(sandbox);
        }
    }

    /** Replaces what an archive says of its process. */
    private static void describe(Path work, Path archive, Path spec) throws IOException {
        var content = Files.createDirectory(work.resolve("rights"));
        var _ = Command.need(LIMIT, "tar", "-xf", archive.toString(), "-C", content.toString());
        Files.write(content.resolve("spec.dump"), Files.readAllBytes(spec));
        var _ =
                Command.need(
                        LIMIT, "tar", "-cf", archive.toString(), "-C", content.toString(), ".");
        var _ = Command.need(LIMIT, "rm", "-rf", content.toString());
    }
}
