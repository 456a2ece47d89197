package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.SecurityProfile;
import io.berth.cri.v1.SecurityProfile.ProfileType;
import io.berth.e2e.pod.SystemCall;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which system calls containers may make, as the kernel itself says and does. */
class SeccompTest extends SecurityNodeTest {
    private static final int AF_UNIX = 1;
    private static final int AF_INET6 = 10;
    private static final int AF_ALG = 38;
    private static final int AF_VSOCK = 40;

    private static final String MODE = "grep ^Seccomp: /proc/self/status";
    private static final String NAMESPACE =
            "busybox unshare -U true 2>/dev/null && echo namespace || echo no namespace";
    private static final String CHMOD =
            "touch /tmp/f; busybox chmod 600 /tmp/f 2>/dev/null && echo mode || echo no mode";
    private static final String BLOCKS_CHMOD =
            """
            {"defaultAction":"SCMP_ACT_ALLOW","syscalls":[
              {"names":["chmod","fchmodat","fchmodat2"],"action":"SCMP_ACT_ERRNO"}]}
            """;

    @Test
    void aContainerWithoutAProfileIsNotFiltered() throws IOException {
        var pod = pod();
        var wanted = List.of("Seccomp:\t0", "namespace");
        var script = MODE + ";" + NAMESPACE;
        assertThat(output(pod, LinuxContainerSecurityContext.newBuilder(), script))
                .isEqualTo(wanted);
        assertThat(output(pod, asked(ProfileType.Unconfined, ""), script)).isEqualTo(wanted);
    }

    @Test
    void theRuntimesOwnProfileTakesAwayNewNamespaces() throws IOException {
        var pod = pod();
        var script = MODE + ";" + CHMOD + ";" + NAMESPACE;
        var wanted = List.of("Seccomp:\t2", "mode", "no namespace");
        assertThat(output(pod, asked(ProfileType.RuntimeDefault, ""), script)).isEqualTo(wanted);
        assertThat(output(pod, old("runtime/default"), script)).isEqualTo(wanted);
        var administrator = asked(ProfileType.RuntimeDefault, "");
        administrator.getCapabilitiesBuilder().addAddCapabilities("SYS_ADMIN");
        assertThat(output(pod, administrator, script))
                .isEqualTo(List.of("Seccomp:\t2", "mode", "namespace"));
    }

    @Test
    void upperBitsOfAnArgumentOpenNothing() throws IOException {
        long upper = 1L << 32;
        int newUser = 0x1000_0000;
        int sigchld = 17;
        var script =
                String.join(
                        ";",
                        SystemCall.socket(AF_ALG).script("alg"),
                        SystemCall.socket(upper | AF_ALG).script("alg"),
                        SystemCall.socket(-1L << 32 | AF_ALG).script("alg"),
                        SystemCall.streamSocket(AF_VSOCK).script("vsock"),
                        SystemCall.streamSocket(upper | AF_VSOCK).script("vsock"),
                        SystemCall.streamSocket(Long.MIN_VALUE | AF_VSOCK).script("vsock"),
                        SystemCall.streamSocket(AF_UNIX).script("unix"),
                        SystemCall.streamSocket(upper | AF_UNIX).script("unix"),
                        SystemCall.streamSocket(AF_INET6).script("inet6"),
                        SystemCall.personality(0x4_0000).script("personality"),
                        SystemCall.personality(upper | 0x4_0000).script("personality"),
                        SystemCall.personality(upper).script("personality"),
                        SystemCall.personality(0).script("linux"),
                        SystemCall.cloneFlags(newUser | sigchld).script("clone"),
                        SystemCall.cloneFlags(upper | newUser | sigchld).script("clone"));
        var wanted =
                List.of(
                        "alg 1",
                        "alg 1",
                        "alg 1",
                        "vsock 1",
                        "vsock 1",
                        "vsock 1",
                        "unix 0",
                        "unix 0",
                        "inet6 0",
                        "personality 1",
                        "personality 1",
                        "personality 1",
                        "linux 0",
                        "clone 1",
                        "clone 1");
        for (var handler : List.of("", "crun")) {
            var config = kubelet.pod().build();
            var pod = new Pod(kubelet.run(config, handler), config);
            assertThat(output(pod, asked(ProfileType.RuntimeDefault, ""), script))
                    .as("with handler '%s'", handler)
                    .isEqualTo(wanted);
        }
    }

    @Test
    void aProfileOfTheNodeBlocksWhatItNames() throws IOException {
        var pod = pod();
        var file = profile("chmod.json", BLOCKS_CHMOD);
        var script = MODE + ";" + CHMOD + ";" + NAMESPACE;
        var wanted = List.of("Seccomp:\t2", "no mode", "namespace");
        assertThat(output(pod, asked(ProfileType.Localhost, file.toString()), script))
                .isEqualTo(wanted);
        assertThat(output(pod, old("localhost/" + file), script)).isEqualTo(wanted);
    }

    @Test
    void aProfileThatCannotBeHadIsRefusedByName() throws IOException {
        var pod = pod();
        refused(pod, "/nonexistent/p.json", "/nonexistent/p.json: is not on this node");
        refused(pod, "p.json", "p.json: is no absolute path");
        refused(pod, "/dev/zero", "/dev/zero: found a character device, wanted a regular file");
        var broken = profile("broken.json", "{\"defaultAction\":");
        refused(pod, broken.toString(), broken + ": is not JSON");
        var without = LinuxSandboxSecurityContext.newBuilder();
        without.setSeccomp(profile(ProfileType.Localhost, "/nonexistent/p.json"));
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> pod(without),
                "/nonexistent/p.json: is not on this node");
    }

    @Test
    void thePauseProcessHasTheProfileOfItsPod() throws IOException {
        assertThat(pauseStatus(pod(), "Seccomp")).isEqualTo("0");
        var standard =
                LinuxSandboxSecurityContext.newBuilder()
                        .setSeccomp(profile(ProfileType.RuntimeDefault, ""));
        assertThat(pauseStatus(pod(standard), "Seccomp")).isEqualTo("2");
        var file = profile("chmod.json", BLOCKS_CHMOD);
        var own =
                LinuxSandboxSecurityContext.newBuilder()
                        .setSeccomp(profile(ProfileType.Localhost, file.toString()));
        assertThat(pauseStatus(pod(own), "Seccomp")).isEqualTo("2");
    }

    private void refused(Pod pod, String profile, String part) {
        fails(
                Status.Code.INVALID_ARGUMENT,
                () ->
                        kubelet.create(
                                pod.id(),
                                pod.config(),
                                shell(asked(ProfileType.Localhost, profile), "true").build()),
                part);
    }

    private Path profile(String name, String text) throws IOException {
        return Files.writeString(node.folders().top().resolve(name), text);
    }

    private static LinuxContainerSecurityContext.Builder asked(ProfileType type, String reference) {
        return LinuxContainerSecurityContext.newBuilder().setSeccomp(profile(type, reference));
    }

    private static SecurityProfile profile(ProfileType type, String reference) {
        return SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(reference).build();
    }

    @SuppressWarnings("deprecation") // old kubelets set it alone
    private static LinuxContainerSecurityContext.Builder old(String path) {
        return LinuxContainerSecurityContext.newBuilder().setSeccompProfilePath(path);
    }
}
