package io.berth.sandbox.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.SecurityProfile;
import io.berth.cri.v1.SecurityProfile.ProfileType;
import io.berth.linux.LinuxCalls;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeccompProfilesTest {
    private static final KernelVersion KERNEL = new KernelVersion(6, 18);
    private final SeccompProfiles profiles =
            new SeccompProfiles(new LinuxCalls(), KERNEL, true, "");
    @TempDir Path folder;

    @Test
    void nothingAskedForIsUnconfined() throws IOException {
        assertThat(find(LinuxContainerSecurityContext.newBuilder()))
                .isInstanceOf(Seccomp.Unconfined.class);
        assertThat(find(asked(ProfileType.Unconfined, ""))).isInstanceOf(Seccomp.Unconfined.class);
    }

    @Test
    void theRuntimesOwnIsFoundUnderEachOfItsNames() throws IOException {
        var wanted = new Seccomp.RuntimeDefault(KERNEL);
        assertThat(find(asked(ProfileType.RuntimeDefault, ""))).isEqualTo(wanted);
        assertThat(find(old("runtime/default"))).isEqualTo(wanted);
        assertThat(find(old("docker/default"))).isEqualTo(wanted);
        assertThat(find(old("unconfined"))).isInstanceOf(Seccomp.Unconfined.class);
    }

    @Test
    void theNewFieldCountsBeforeTheOld() throws IOException {
        var both = old("runtime/default").setSeccomp(profile(ProfileType.Unconfined, ""));
        assertThat(find(both)).isInstanceOf(Seccomp.Unconfined.class);
    }

    @Test
    void aFileOfTheNodeIsReadWithAndWithoutThePrefix() throws IOException {
        var file =
                Files.writeString(folder.resolve("p.json"), "{\"defaultAction\":\"SCMP_ACT_LOG\"}");
        for (var context :
                new LinuxContainerSecurityContext.Builder[] {
                    asked(ProfileType.Localhost, file.toString()),
                    asked(ProfileType.Localhost, "localhost/" + file),
                    old("localhost/" + file)
                }) {
            assertThat(find(context))
                    .isInstanceOfSatisfying(
                            Seccomp.Profile.class,
                            found ->
                                    assertThat(found.json().get("defaultAction").asText())
                                            .isEqualTo("SCMP_ACT_LOG"));
        }
    }

    @Test
    void whatCannotBeReadIsNamed() throws IOException {
        refused(asked(ProfileType.Localhost, folder + "/none"), "/none: is not on this node");
        refused(asked(ProfileType.Localhost, "p.json"), "p.json: is no absolute path");
        refused(asked(ProfileType.Localhost, ""), "localhost_ref: found ''");
        refused(
                asked(ProfileType.Localhost, folder.toString()),
                "found a directory, wanted a regular file");
        refused(
                asked(ProfileType.Localhost, "/dev/zero"),
                "/dev/zero: found a character device, wanted");
        var large = folder.resolve("large");
        try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(SeccompFile.MAX_BYTES + 1L);
        }
        refused(asked(ProfileType.Localhost, large.toString()), "wanted 4194304 bytes at most");
        refused(old("somewhere"), "seccomp_profile_path: found 'somewhere'");
        refused(asked(ProfileType.RuntimeDefault, "/x"), "localhost_ref: found '/x' beside");
    }

    @Test
    void whoAsksForNothingGetsWhatTheOperatorSays() throws IOException {
        var strict = new SeccompProfiles(new LinuxCalls(), KERNEL, true, "runtime/default");
        var nothing = LinuxContainerSecurityContext.newBuilder();
        assertThat(strict.ofContainer(nothing.build())).isInstanceOf(Seccomp.RuntimeDefault.class);
        assertThat(strict.ofPod(LinuxSandboxSecurityContext.getDefaultInstance()))
                .isInstanceOf(Seccomp.RuntimeDefault.class);
        assertThat(strict.ofContainer(asked(ProfileType.Unconfined, "").build()))
                .isInstanceOf(Seccomp.Unconfined.class);
        assertThat(strict.ofContainer(nothing.setPrivileged(true).build()))
                .isInstanceOf(Seccomp.Unconfined.class);
    }

    @Test
    void aKernelWithoutFiltersTakesNoProfile() {
        var without = new SeccompProfiles(new LinuxCalls(), KERNEL, false, "");
        assertThatThrownBy(() -> without.ofContainer(asked(ProfileType.RuntimeDefault, "").build()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("a kernel without seccomp filters");
    }

    @Test
    void whatIsPrivilegedHasNone() throws IOException {
        assertThat(find(asked(ProfileType.RuntimeDefault, "").setPrivileged(true)))
                .isInstanceOf(Seccomp.Unconfined.class);
        var pod =
                LinuxSandboxSecurityContext.newBuilder()
                        .setSeccomp(profile(ProfileType.RuntimeDefault, ""));
        assertThat(profiles.ofPod(pod.build())).isInstanceOf(Seccomp.RuntimeDefault.class);
        assertThat(profiles.ofPod(pod.setPrivileged(true).build()))
                .isInstanceOf(Seccomp.Unconfined.class);
    }

    private void refused(LinuxContainerSecurityContext.Builder context, String part) {
        assertThatThrownBy(() -> find(context))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining(part);
    }

    private Seccomp find(LinuxContainerSecurityContext.Builder context) throws IOException {
        return profiles.ofContainer(context.build());
    }

    private static LinuxContainerSecurityContext.Builder asked(ProfileType type, String reference) {
        return LinuxContainerSecurityContext.newBuilder().setSeccomp(profile(type, reference));
    }

    private static SecurityProfile.Builder profile(ProfileType type, String reference) {
        return SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(reference);
    }

    @SuppressWarnings("deprecation") // old kubelets set it alone
    private static LinuxContainerSecurityContext.Builder old(String path) {
        return LinuxContainerSecurityContext.newBuilder().setSeccompProfilePath(path);
    }
}
