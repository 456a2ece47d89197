package io.berth.sandbox.security;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.linux.BlockingCalls;
import io.berth.linux.Linux;
import io.berth.linux.Processes;
import io.berth.linux.step.StepBody;
import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.cdi.CdiDevices;
import io.berth.sandbox.cdi.CdiRegistry;
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

    /** A volume can have many files. */
    private static final Duration RELABEL_LIMIT = Duration.ofSeconds(110);

    private static final Path ROOT = Path.of("/");

    private final BlockingCalls calls;
    private final SeccompProfiles seccomp;
    private final AppArmor appArmor;
    private final Selinux selinux;
    private final HostDevices devices;
    private final CdiRegistry cdi;

    private final boolean restoreFromImages;

    private SecurityHost(
            BlockingCalls calls,
            SeccompProfiles seccomp,
            Modules modules,
            HostDevices devices,
            CdiRegistry cdi,
            boolean restoreFromImages) {
        this.calls = calls;
        this.seccomp = seccomp;
        this.appArmor = modules.appArmor();
        this.selinux = modules.selinux();
        this.devices = devices;
        this.cdi = cdi;
        this.restoreFromImages = restoreFromImages;
    }

    /** Returns whether the operator allows restoring containers from images. */
    public boolean restoresFromImages() {
        return restoreFromImages;
    }

    /**
     * What the operator decides.
     *
     * @param cdiFolders where CDI files lie, those that count more later
     * @param disableAppArmor whether AppArmor is left alone also where the kernel has it
     * @param selinuxCategories how many categories pods are told apart by; 0 turns labels off
     * @param unsetSeccomp the seccomp profile of who asks for none, in words of the CRI's old field
     * @param bundles the folder of all bundles
     * @param restoreFromImages whether an image that carries a checkpoint is restored
     */
    public record Settings(
            List<Path> cdiFolders,
            boolean disableAppArmor,
            int selinuxCategories,
            String unsetSeccomp,
            Path bundles,
            boolean restoreFromImages) {
        public Settings {
            cdiFolders = List.copyOf(cdiFolders);
        }

        /** Settings of a node that restores nothing from images. */
        public Settings(
                List<Path> cdiFolders,
                boolean disableAppArmor,
                int selinuxCategories,
                String unsetSeccomp,
                Path bundles) {
            this(cdiFolders, disableAppArmor, selinuxCategories, unsetSeccomp, bundles, false);
        }
    }

    /**
     * The pod that a container is in.
     *
     * @param config what the request for it said
     * @param handler how it is run
     */
    public record Pod(String id, PodSandboxConfig config, RuntimeHandler handler) {}

    /** What the kernel may have beside its own rules. */
    private record Modules(AppArmor appArmor, Selinux selinux) {}

    /** Reads off /proc and /sys what the kernel has. */
    public static SecurityHost open(
            Settings settings, BlockingCalls calls, Linux linux, Processes processes)
            throws IOException {
        var kernel = KernelVersion.parse(Files.readString(Path.of("/proc/sys/kernel/osrelease")));
        boolean filters =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .anyMatch(line -> line.startsWith("Seccomp:"));
        return new SecurityHost(
                calls,
                new SeccompProfiles(linux, kernel, filters, settings.unsetSeccomp()),
                new Modules(
                        AppArmor.detect(ROOT, !settings.disableAppArmor(), processes),
                        Selinux.open(ROOT, settings, linux)),
                new HostDevices(linux),
                new CdiRegistry(linux, settings.cdiFolders()),
                settings.restoreFromImages());
    }

    /**
     * What a container asks for.
     *
     * @param pod the pod that it is in
     * @throws io.berth.sandbox.SandboxException.InvalidRequest for what does not exist here or
     *     contradicts itself
     */
    public ContainerSecurity ofContainer(ContainerConfig config, Pod pod, String id)
            throws IOException {
        if (config.getLinux().getSecurityContext().getPrivileged()
                && !pod.config().getLinux().getSecurityContext().getPrivileged()) {
            throw new SandboxException.InvalidRequest(
                    "config.linux.security_context.privileged: found true in a pod that is not"
                            + " privileged, wanted a privileged pod");
        }
        return look("container " + id, () -> lookedUp(config, pod));
    }

    private ContainerSecurity lookedUp(ContainerConfig config, Pod pod) throws IOException {
        var context = config.getLinux().getSecurityContext();
        boolean all = context.getPrivileged() && !pod.handler().privilegedWithoutHostDevices();
        boolean any =
                all || (context.getPrivileged() && pod.handler().options().allDevicesAllowed());
        return new ContainerSecurity(
                context.getPrivileged(),
                seccomp.ofContainer(context),
                new ProcessLabels(
                        appArmor.ofContainer(context), selinux.ofContainer(context, pod.id())),
                new ContainerDevices(all ? devices.all() : List.of(), devices.asked(config), any),
                cdi.resolve(CdiNames.of(config)));
    }

    /**
     * What vendors' devices change that are asked for beside a request.
     *
     * @throws io.berth.sandbox.SandboxException.InvalidRequest naming each that cannot be given
     */
    public CdiDevices devices(List<String> names) throws IOException {
        return look("CDI devices " + names, () -> cdi.resolve(names));
    }

    /** What a pod asks for its own process. */
    public PodSecurity ofPod(PodSandboxConfig config, String id) throws IOException {
        var context = config.getLinux().getSecurityContext();
        return look(
                "sandbox " + id,
                () ->
                        new PodSecurity(
                                context.getPrivileged(),
                                seccomp.ofPod(context),
                                new ProcessLabels(
                                        appArmor.ofPod(context), selinux.ofPod(context, id))));
    }

    /** The label for the files of a task that has been made; empty where there are none. */
    public String mountLabel(String id) throws IOException {
        return selinux.mountLabel(id);
    }

    /**
     * Labels files for a pod or a container, which is its only user from then on. Does nothing
     * where labels are off.
     */
    public void relabel(String id, List<Path> paths, String label) throws IOException {
        if (label.isEmpty()) {
            return;
        }
        for (var path : paths) {
            Steps.run(
                    "selinux.relabel",
                    path.toString(),
                    () -> {
                        calls.call(
                                "host paths",
                                id + ": labels of " + path,
                                RELABEL_LIMIT,
                                () -> {
                                    selinux.relabel(path, label);
                                    return true;
                                });
                    });
        }
    }

    private <T> T look(String who, StepBody<T> body) throws IOException {
        return calls.call("host paths", who + ": profiles and devices", LIMIT, body);
    }
}
