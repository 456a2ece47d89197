package io.berth.sandbox.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.SecurityProfile;
import io.berth.cri.v1.SecurityProfile.ProfileType;
import io.berth.linux.Processes;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the files of a kernel with AppArmor, and a parser that keeps what it is given. */
class AppArmorTest {
    @TempDir Path root;

    @Test
    void whatAsksForNothingGetsBerthsOwnProfileWhichIsLoadedOnce() throws IOException {
        var appArmor = kernel(true);
        assertThat(appArmor.ofContainer(context().build())).contains("berth-default");
        var text = Files.readString(root.resolve("loaded"));
        assertThat(text)
                .contains("profile berth-default flags=(attach_disconnected, mediate_deleted) {")
                .contains(
                        "deny mount,", "deny @{PROC}/kcore rwklx,", "deny /sys/firmware/** rwklx,")
                .contains("@{PROC}=/proc/")
                .endsWith("}\n");
        Files.delete(root.resolve("loaded"));
        profiles("unconfined_thing (unconfined)\nberth-default (enforce)\n");
        assertThat(appArmor.ofContainer(asked(ProfileType.RuntimeDefault, "").build()))
                .contains("berth-default");
        assertThat(appArmor.ofContainer(old("runtime/default").build())).contains("berth-default");
        assertThat(root.resolve("loaded")).doesNotExist();
    }

    @Test
    void aProfileOfTheNodeHasToBeLoaded() throws IOException {
        var appArmor = kernel(true);
        profiles("mine (enforce)\nmine-too (complain)\n");
        assertThat(appArmor.ofContainer(asked(ProfileType.Localhost, "mine").build()))
                .contains("mine");
        assertThat(appArmor.ofContainer(old("localhost/mine-too").build())).contains("mine-too");
        assertThatThrownBy(() -> appArmor.ofContainer(asked(ProfileType.Localhost, "min").build()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage("AppArmor profile min: is not loaded on this node");
    }

    @Test
    void privilegeAndUnconfinedHaveNone() throws IOException {
        var appArmor = kernel(true);
        profiles("mine (enforce)\n");
        var privileged = context().setPrivileged(true);
        assertThat(appArmor.ofContainer(privileged.build())).isEmpty();
        assertThat(appArmor.ofContainer(asked(ProfileType.Unconfined, "").build())).isEmpty();
        assertThat(appArmor.ofContainer(old("unconfined").build())).isEmpty();
        var named = asked(ProfileType.Localhost, "mine").setPrivileged(true);
        assertThat(appArmor.ofContainer(named.build())).contains("mine");
        assertThat(root.resolve("loaded")).doesNotExist();
    }

    @Test
    void aPodsOwnProcessHasOneOnlyIfItIsAskedFor() throws IOException {
        var appArmor = kernel(true);
        assertThat(appArmor.ofPod(LinuxSandboxSecurityContext.getDefaultInstance())).isEmpty();
        var asked =
                LinuxSandboxSecurityContext.newBuilder()
                        .setApparmor(SecurityProfile.getDefaultInstance());
        assertThat(appArmor.ofPod(asked.build())).contains("berth-default");
    }

    @Test
    void aParserThatFailsIsQuoted() throws IOException {
        var appArmor = kernel(true);
        parser("echo 'syntax error, line 3' >&2; exit 1");
        assertThatThrownBy(() -> appArmor.ofContainer(context().build()))
                .isInstanceOf(SandboxException.Failed.class)
                .hasMessageStartingWith("AppArmor profile berth-default: ")
                .hasMessageEndingWith("ended with 1: syntax error, line 3");
    }

    @Test
    void whereItIsOffOnlyAProfileThatIsAskedForIsRefused() throws IOException {
        Files.createDirectories(root.resolve("empty"));
        for (var off :
                new AppArmor[] {
                    kernel(false), AppArmor.detect(root.resolve("empty"), true, new Processes())
                }) {
            assertThat(off.ofContainer(context().build())).isEqualTo(Optional.empty());
            assertThat(off.ofContainer(asked(ProfileType.Unconfined, "").build())).isEmpty();
            assertThatThrownBy(() -> off.ofContainer(asked(ProfileType.RuntimeDefault, "").build()))
                    .isInstanceOf(SandboxException.InvalidRequest.class)
                    .hasMessageContaining(
                            "apparmor: found RuntimeDefault on a node where AppArmor");
            assertThatThrownBy(() -> off.ofContainer(old("localhost/x").build()))
                    .hasMessageContaining("found x on a node where AppArmor is off");
        }
    }

    @Test
    void theNodesOwnPoliciesAreIncludedAndTheDaemonMaySignal() {
        var text = new AppArmorProfile(true, true, true, "berthd").text();
        assertThat(text)
                .startsWith("abi <abi/3.0>,\n#include <tunables/global>\nprofile berth-default ")
                .contains("  #include <abstractions/base>\n", "  signal (receive) peer=berthd,\n")
                .doesNotContain("@{PROC}=");
        assertThat(new AppArmorProfile(false, false, false, "unconfined").text())
                .doesNotContain("include", "abi <");
    }

    private AppArmor kernel(boolean wanted) throws IOException {
        Files.createDirectories(root.resolve("sys/kernel/security/apparmor"));
        Files.createDirectories(root.resolve("sys/module/apparmor/parameters"));
        Files.writeString(root.resolve("sys/module/apparmor/parameters/enabled"), "Y\n");
        Files.createDirectories(root.resolve("sbin"));
        profiles("");
        parser("cat > loaded");
        return AppArmor.detect(root, wanted, new Processes());
    }

    private void profiles(String lines) throws IOException {
        Files.writeString(root.resolve("sys/kernel/security/apparmor/profiles"), lines);
    }

    private void parser(String script) throws IOException {
        var file = root.resolve("sbin/apparmor_parser");
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static LinuxContainerSecurityContext.Builder context() {
        return LinuxContainerSecurityContext.newBuilder();
    }

    private static LinuxContainerSecurityContext.Builder asked(ProfileType type, String reference) {
        return context()
                .setApparmor(
                        SecurityProfile.newBuilder()
                                .setProfileType(type)
                                .setLocalhostRef(reference));
    }

    @SuppressWarnings("deprecation") // old kubelets set it alone
    private static LinuxContainerSecurityContext.Builder old(String text) {
        return context().setApparmorProfile(text);
    }
}
