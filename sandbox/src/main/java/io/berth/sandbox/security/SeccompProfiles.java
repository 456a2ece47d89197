package io.berth.sandbox.security;

import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.foreign.ForeignFileRefused;
import io.berth.linux.foreign.ForeignFiles;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Path;

/** Finds the seccomp profile that a request names; a profile of the node is a file's path. */
final class SeccompProfiles {
    private static final String CONTEXT = "config.linux.security_context.";

    private final Linux linux;
    private final KernelVersion kernel;
    private final boolean supported;
    private final ProfileChoice unset;

    /**
     * @param supported whether the kernel has seccomp filters
     * @param unset what counts for who asks for none, in words of the deprecated field
     */
    SeccompProfiles(Linux linux, KernelVersion kernel, boolean supported, String unset) {
        this.unset = ProfileChoice.ofText(unset, "unset_seccomp_profile");
        this.linux = linux;
        this.kernel = kernel;
        this.supported = supported;
    }

    /** A privileged container has none, whatever it asks for. */
    Seccomp ofContainer(LinuxContainerSecurityContext context) throws IOException {
        if (context.getPrivileged()) {
            return new Seccomp.Unconfined();
        }
        return find(
                context.hasSeccomp()
                        ? ProfileChoice.of(context.getSeccomp(), CONTEXT + "seccomp")
                        : ProfileChoice.ofText(
                                oldField(context), CONTEXT + "seccomp_profile_path"));
    }

    Seccomp ofPod(LinuxSandboxSecurityContext context) throws IOException {
        if (context.getPrivileged()) {
            return new Seccomp.Unconfined();
        }
        return find(
                context.hasSeccomp()
                        ? ProfileChoice.of(context.getSeccomp(), CONTEXT + "seccomp")
                        : ProfileChoice.ofText(
                                oldField(context), CONTEXT + "seccomp_profile_path"));
    }

    @SuppressWarnings("deprecation") // old kubelets set it alone
    private static String oldField(LinuxContainerSecurityContext context) {
        return context.getSeccompProfilePath();
    }

    @SuppressWarnings("deprecation") // old kubelets set it alone
    private static String oldField(LinuxSandboxSecurityContext context) {
        return context.getSeccompProfilePath();
    }

    private Seccomp find(ProfileChoice asked) throws IOException {
        var choice = asked instanceof ProfileChoice.Unset ? unset : asked;
        return switch (choice) {
            case ProfileChoice.Unset _, ProfileChoice.Unconfined _ -> new Seccomp.Unconfined();
            case ProfileChoice.RuntimeDefault _ -> {
                needKernel();
                yield new Seccomp.RuntimeDefault(kernel);
            }
            case ProfileChoice.Localhost(var reference) -> {
                needKernel();
                yield new Seccomp.Profile(SeccompFile.parse(bytes(reference), reference));
            }
        };
    }

    private void needKernel() {
        if (!supported) {
            throw new SandboxException.InvalidRequest(
                    CONTEXT
                            + "seccomp: found a profile on a kernel without seccomp filters, wanted"
                            + " Unconfined");
        }
    }

    private byte[] bytes(String reference) throws IOException {
        if (!reference.startsWith("/")) {
            throw new SandboxException.InvalidRequest(
                    ("seccomp profile %s: is no absolute path; the kubelet gives one below its own"
                                    + " folder")
                            .formatted(reference));
        }
        try {
            return new ForeignFiles(linux).read(Path.of(reference), SeccompFile.MAX_BYTES);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                throw new SandboxException.InvalidRequest(
                        "seccomp profile %s: is not on this node".formatted(reference));
            }
            throw e;
        } catch (ForeignFileRefused e) {
            throw new SandboxException.InvalidRequest("seccomp profile " + e.getMessage());
        }
    }
}
