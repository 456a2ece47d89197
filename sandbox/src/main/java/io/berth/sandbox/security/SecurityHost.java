package io.berth.sandbox.security;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.linux.BlockingCalls;
import io.berth.linux.Linux;
import io.berth.linux.step.StepBody;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.settings.SandboxSettings.RuntimeHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What this machine has of the profiles and devices that requests name. Files are read on bounded
 * threads: one that hangs costs its own pod no more than the limit.
 */
public final class SecurityHost {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final BlockingCalls calls;
    private final SeccompProfiles seccomp;
    private final HostDevices devices;

    private SecurityHost(BlockingCalls calls, SeccompProfiles seccomp, HostDevices devices) {
        this.calls = calls;
        this.seccomp = seccomp;
        this.devices = devices;
    }

    /** Reads off /proc what the kernel has. */
    public static SecurityHost open(BlockingCalls calls, Linux linux) throws IOException {
        var kernel = KernelVersion.parse(Files.readString(Path.of("/proc/sys/kernel/osrelease")));
        boolean filters =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .anyMatch(line -> line.startsWith("Seccomp:"));
        return new SecurityHost(
                calls, new SeccompProfiles(linux, kernel, filters), new HostDevices(linux));
    }

    /**
     * What a container asks for.
     *
     * @param pod what the request for its pod said
     * @param handler how its pod is run
     * @throws io.berth.sandbox.SandboxException.InvalidRequest for what does not exist here or
     *     contradicts itself
     */
    public ContainerSecurity ofContainer(
            ContainerConfig config, PodSandboxConfig pod, RuntimeHandler handler, String id)
            throws IOException {
        if (config.getLinux().getSecurityContext().getPrivileged()
                && !pod.getLinux().getSecurityContext().getPrivileged()) {
            throw new SandboxException.InvalidRequest(
                    "config.linux.security_context.privileged: found true in a pod that is not"
                            + " privileged, wanted a privileged pod");
        }
        return look("container " + id, () -> lookedUp(config, handler));
    }

    private ContainerSecurity lookedUp(ContainerConfig config, RuntimeHandler handler)
            throws IOException {
        var context = config.getLinux().getSecurityContext();
        boolean all = context.getPrivileged() && !handler.privilegedWithoutHostDevices();
        return new ContainerSecurity(
                context.getPrivileged(),
                seccomp.ofContainer(context),
                new ContainerDevices(all ? devices.all() : List.of(), devices.asked(config), all));
    }

    /** What a pod asks for its own process. */
    public PodSecurity ofPod(PodSandboxConfig config, String id) throws IOException {
        var context = config.getLinux().getSecurityContext();
        return look(
                "sandbox " + id,
                () -> new PodSecurity(context.getPrivileged(), seccomp.ofPod(context)));
    }

    private <T> T look(String who, StepBody<T> body) throws IOException {
        return calls.call("host paths", who + ": profiles and devices", LIMIT, body);
    }
}
