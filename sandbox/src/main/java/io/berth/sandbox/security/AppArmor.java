package io.berth.sandbox.security;

import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.linux.Processes;
import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Finds the AppArmor profile that a request names, and loads berth's own when it is first asked
 * for. It stays loaded as long as the kernel runs: it belongs to the node, not to a pod, and
 * processes of earlier daemons run under it.
 */
final class AppArmor {
    private static final String CONTEXT = "config.linux.security_context.";
    private static final Duration PARSER_LIMIT = Duration.ofSeconds(15);
    private static final int MAX_OUTPUT_BYTES = 64 << 10;

    private final Path root;
    private final boolean enabled;
    private final Processes processes;
    private final ReentrantLock loading = new ReentrantLock();

    private AppArmor(Path root, boolean enabled, Processes processes) {
        this.root = root;
        this.enabled = enabled;
        this.processes = processes;
    }

    /**
     * As the files below {@code root} say: the kernel has it on, and the parser is installed.
     *
     * @param wanted whether the operator leaves it on
     */
    static AppArmor detect(Path root, boolean wanted, Processes processes) throws IOException {
        var parameter = root.resolve("sys/module/apparmor/parameters/enabled");
        boolean enabled =
                wanted
                        && Files.exists(root.resolve("sys/kernel/security/apparmor"))
                        && Files.isExecutable(root.resolve("sbin/apparmor_parser"))
                        && Files.exists(parameter)
                        && Files.readString(parameter).startsWith("Y");
        return new AppArmor(root, enabled, processes);
    }

    /**
     * The name of a container's profile, if it has one. Where the machine has AppArmor, a container
     * that asks for none gets berth's own; a privileged one does not.
     */
    Optional<String> ofContainer(LinuxContainerSecurityContext context) throws IOException {
        var choice =
                context.hasApparmor()
                        ? ProfileChoice.of(context.getApparmor(), CONTEXT + "apparmor")
                        : ProfileChoice.ofText(oldField(context), CONTEXT + "apparmor_profile");
        if (choice instanceof ProfileChoice.Unset && enabled) {
            choice = new ProfileChoice.RuntimeDefault();
        }
        boolean ownIsOff =
                choice instanceof ProfileChoice.RuntimeDefault && context.getPrivileged();
        return find(ownIsOff && enabled ? new ProfileChoice.Unconfined() : choice);
    }

    /** The name of the profile of a pod's own process; none unless it is asked for. */
    Optional<String> ofPod(LinuxSandboxSecurityContext context) throws IOException {
        return context.hasApparmor()
                ? find(ProfileChoice.of(context.getApparmor(), CONTEXT + "apparmor"))
                : Optional.empty();
    }

    @SuppressWarnings("deprecation") // old kubelets set it alone
    private static String oldField(LinuxContainerSecurityContext context) {
        return context.getApparmorProfile();
    }

    private Optional<String> find(ProfileChoice choice) throws IOException {
        return switch (choice) {
            case ProfileChoice.Unset _, ProfileChoice.Unconfined _ -> Optional.empty();
            case ProfileChoice.RuntimeDefault _ -> {
                needKernel("RuntimeDefault");
                loadOwn();
                yield Optional.of(AppArmorProfile.NAME);
            }
            case ProfileChoice.Localhost(var name) -> {
                needKernel(name);
                if (!loaded(name)) {
                    throw new SandboxException.InvalidRequest(
                            "AppArmor profile %s: is not loaded on this node".formatted(name));
                }
                yield Optional.of(name);
            }
        };
    }

    private void needKernel(String found) {
        if (!enabled) {
            throw new SandboxException.InvalidRequest(
                    ("%sapparmor: found %s on a node where AppArmor is off (in the kernel, in"
                                    + " berth's configuration, or for want of apparmor_parser), wanted"
                                    + " Unconfined")
                            .formatted(CONTEXT, found));
        }
    }

    /** The kernel's list has a line a profile: {@code NAME (MODE)}. */
    private boolean loaded(String name) throws IOException {
        var list = root.resolve("sys/kernel/security/apparmor/profiles");
        try (var lines = Files.lines(list)) {
            return lines.anyMatch(line -> line.startsWith(name + " ("));
        }
    }

    private void loadOwn() throws IOException {
        loading.lock();
        try {
            if (!loaded(AppArmorProfile.NAME)) {
                Steps.run("apparmor.load", AppArmorProfile.NAME, this::load);
            }
        } finally {
            loading.unlock();
        }
    }

    private void load() throws IOException {
        var text = AppArmorProfile.of(root, daemonsOwn()).text();
        var parser = root.resolve("sbin/apparmor_parser").toString();
        var done =
                processes.run(
                        new Processes.Launch(
                                List.of(parser, "--replace", "--skip-cache", "--quiet"),
                                root,
                                Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C"),
                                text.getBytes(StandardCharsets.UTF_8),
                                PARSER_LIMIT,
                                MAX_OUTPUT_BYTES));
        if (done.exitCode() != 0) {
            throw new SandboxException.Failed(
                    "AppArmor profile %s: %s ended with %d: %s"
                            .formatted(
                                    AppArmorProfile.NAME,
                                    parser,
                                    done.exitCode(),
                                    done.stderrText()));
        }
    }

    /** The file says {@code NAME (MODE)} or {@code unconfined}. */
    private String daemonsOwn() throws IOException {
        var file = root.resolve("proc/self/attr/current");
        if (!Files.exists(file)) {
            return AppArmorProfile.UNCONFINED;
        }
        var name = Files.readString(file).strip().split(" ", 2)[0];
        return name.isEmpty() ? AppArmorProfile.UNCONFINED : name;
    }
}
