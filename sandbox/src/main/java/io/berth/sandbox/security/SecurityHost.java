package io.berth.sandbox.security;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.linux.BlockingCalls;
import io.berth.linux.Linux;
import io.berth.linux.step.StepBody;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What this machine has of the profiles and devices that requests name. Files are read on bounded
 * threads: one that hangs costs its own pod no more than the limit.
 */
public final class SecurityHost {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final BlockingCalls calls;
    private final SeccompProfiles seccomp;

    private SecurityHost(BlockingCalls calls, SeccompProfiles seccomp) {
        this.calls = calls;
        this.seccomp = seccomp;
    }

    /** Reads off /proc what the kernel has. */
    public static SecurityHost open(BlockingCalls calls, Linux linux) throws IOException {
        var kernel = KernelVersion.parse(Files.readString(Path.of("/proc/sys/kernel/osrelease")));
        boolean filters =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .anyMatch(line -> line.startsWith("Seccomp:"));
        return new SecurityHost(calls, new SeccompProfiles(linux, kernel, filters));
    }

    /**
     * What a container asks for.
     *
     * @throws io.berth.sandbox.SandboxException.InvalidRequest for what does not exist here or
     *     contradicts itself
     */
    public ContainerSecurity ofContainer(ContainerConfig config, String id) throws IOException {
        return look("container " + id, () -> lookedUp(config));
    }

    private ContainerSecurity lookedUp(ContainerConfig config) throws IOException {
        var context = config.getLinux().getSecurityContext();
        return new ContainerSecurity(context.getPrivileged(), seccomp.ofContainer(context));
    }

    /** What a pod asks for its own process. */
    public PodSecurity ofPod(PodSandboxConfig config, String id) throws IOException {
        return look(
                "sandbox " + id,
                () -> new PodSecurity(seccomp.ofPod(config.getLinux().getSecurityContext())));
    }

    private <T> T look(String who, StepBody<T> body) throws IOException {
        return calls.call("host paths", who + ": profiles and devices", LIMIT, body);
    }
}
