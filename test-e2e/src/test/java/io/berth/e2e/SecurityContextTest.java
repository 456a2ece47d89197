package io.berth.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.Device;
import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.SecurityProfile;
import io.berth.cri.v1.SecurityProfile.ProfileType;
import io.berth.cri.v1.StatusRequest;
import io.berth.cri.v1.SupplementalGroupsPolicy;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a container may do and as whom, seen from inside. */
class SecurityContextTest extends SecurityNodeTest {
    private static final String CAPABILITIES = "grep -E '^Cap(Eff|Bnd|Amb)' /proc/self/status";

    @Test
    void aPrivilegedContainerHasWhatTheDaemonMayHave() throws IOException {
        var pod = pod(LinuxSandboxSecurityContext.newBuilder().setPrivileged(true));
        var bounding = field(node.daemon().pid(), "CapBnd");
        var script =
                CAPABILITIES
                        + "; hostname changed && hostname"
                        + "; grep -E ' /sys(/fs/cgroup)? ' /proc/mounts | grep -c '[ ,]ro[ ,]'"
                        + "; test -c /dev/kmsg && echo kmsg";
        var masked = context().setPrivileged(true).addMaskedPaths("/www").addReadonlyPaths("/tmp");
        assertThat(output(pod, masked, script))
                .containsExactly(
                        "CapEff:\t" + bounding,
                        "CapBnd:\t" + bounding,
                        "CapAmb:\t0000000000000000",
                        "changed",
                        "0",
                        "kmsg");
        assertThat(output(pod, masked, "cat /www/index.html && touch /tmp/f && echo written"))
                .contains("written");
        var plain = "hostname again 2>/dev/null || echo denied; grep -c '^sysfs /sys sysfs ro'";
        assertThat(output(pod, context(), plain + " /proc/mounts")).containsExactly("denied", "1");
    }

    @Test
    void privilegeNeedsAPodThatHasIt() throws IOException {
        var pod = pod();
        var container = shell(context().setPrivileged(true), "true").build();
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> kubelet.create(pod.id(), pod.config(), container),
                "privileged: found true in a pod that is not privileged");
    }

    @Test
    void capabilitiesAreAddedDroppedAndKeptAcrossAChangeOfUser() throws IOException {
        var pod = pod();
        var admin = context();
        admin.getCapabilitiesBuilder().addAddCapabilities("SYS_ADMIN");
        assertThat(output(pod, admin, "hostname changed && hostname")).containsExactly("changed");
        var none = context();
        none.getCapabilitiesBuilder().addDropCapabilities("ALL");
        assertThat(output(pod, none, CAPABILITIES))
                .containsExactly(
                        "CapEff:\t0000000000000000",
                        "CapBnd:\t0000000000000000",
                        "CapAmb:\t0000000000000000");
        var ambient = context().setRunAsUser(number(1000));
        ambient.getCapabilitiesBuilder()
                .addDropCapabilities("ALL")
                .addAddAmbientCapabilities("NET_BIND_SERVICE");
        assertThat(output(pod, ambient, CAPABILITIES))
                .containsExactly(
                        "CapEff:\t0000000000000400",
                        "CapBnd:\t0000000000000400",
                        "CapAmb:\t0000000000000400");
    }

    @Test
    void pathsAreMaskedAndReadOnlyAndNothingIsGained() throws IOException {
        var pod = pod();
        var context =
                context().addMaskedPaths("/www").addReadonlyPaths("/home").setNoNewPrivs(true);
        var script =
                "ls /www | wc -l; touch /home/f 2>/dev/null || echo no; touch /tmp/f && echo yes;"
                        + " grep ^NoNewPrivs /proc/self/status";
        assertThat(output(pod, context, script))
                .containsExactly("0", "no", "yes", "NoNewPrivs:\t1");
        var readOnly = context().setReadonlyRootfs(true);
        assertThat(output(pod, readOnly, "touch /tmp/f 2>/dev/null || echo no; echo > /dev/shm/f"))
                .containsExactly("no");
    }

    @Test
    void groupsOfTheImageAreMergedUnlessThePolicyIsStrict() throws IOException {
        assertThat(
                        node.client()
                                .runtime()
                                .status(StatusRequest.getDefaultInstance())
                                .getFeatures()
                                .getSupplementalGroupsPolicy())
                .isTrue();
        var pod = pod();
        var web = context().setRunAsUsername("web").addSupplementalGroups(3000);
        groups(pod, web, "1000 2000 3000");
        web.setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict);
        groups(pod, web, "1000 3000");
        fails(
                Status.Code.INVALID_ARGUMENT,
                () ->
                        kubelet.create(
                                pod.id(),
                                pod.config(),
                                shell(context().setRunAsGroup(number(5)), "true").build()),
                "run_as_group: found 5 without a user");
    }

    private void groups(Pod pod, LinuxContainerSecurityContext.Builder context, String wanted)
            throws IOException {
        var config = shell(context, "id -u; id -g; id -G; sleep 1000").build();
        var id = kubelet.launch(pod.id(), pod.config(), config);
        var exec = kubelet.exec(id, "id", "-G").getStdout().toString(UTF_8);
        assertThat(exec.strip().split(" ", -1)).containsExactlyInAnyOrder(wanted.split(" ", -1));
        var user = kubelet.status(id).getUser().getLinux();
        assertThat(user.getUid()).isEqualTo(1000);
        assertThat(user.getGid()).isEqualTo(1000);
        assertThat(user.getSupplementalGroupsList().stream().map(String::valueOf))
                .containsExactly(wanted.split(" ", -1));
        kubelet.stop(id, 0);
    }

    @Test
    void aDeviceOfTheHostIsThereWithTheRightsAskedForAndNoOther() throws IOException {
        var pod = pod();
        var script =
                "true > /dev/given && echo writable; true < /dev/given || echo not readable;"
                        + " busybox mknod /tmp/other c 10 1;"
                        + " (true > /tmp/other) 2>&1 | grep -o 'Operation not permitted'";
        var config = shell(context(), script);
        config.addDevices(
                Device.newBuilder()
                        .setHostPath("/dev/kmsg")
                        .setContainerPath("/dev/given")
                        .setPermissions("w"));
        assertThat(output(pod, config))
                .containsExactly("writable", "not readable", "Operation not permitted");
        var none = shell(context(), "true");
        none.addDevices(Device.newBuilder().setHostPath("/dev/no-such").setPermissions("r"));
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> kubelet.create(pod.id(), pod.config(), none.build()),
                "config.devices[0].host_path: /dev/no-such is not on this node");
    }

    @Test
    void appArmorConfinesWhereTheKernelHasItAndIsRefusedElsewhere() throws IOException {
        var pod = pod();
        var asked = context().setApparmor(SecurityProfile.getDefaultInstance());
        var current = "cat /proc/self/attr/current 2>/dev/null || echo none";
        if (Files.exists(Path.of("/sys/kernel/security/apparmor"))) {
            assertThat(output(pod, asked, current)).containsExactly("berth-default (enforce)");
            return;
        }
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> kubelet.create(pod.id(), pod.config(), shell(asked, "true").build()),
                "apparmor: found RuntimeDefault on a node where AppArmor is off");
        var unconfined = SecurityProfile.newBuilder().setProfileType(ProfileType.Unconfined);
        assertThat(output(pod, context().setApparmor(unconfined), "echo runs"))
                .containsExactly("runs");
    }

    @Test
    void labelsPassWhereNothingIsLabelledAndBadOnesDoNot() throws IOException {
        var pod = pod();
        var asked = context();
        asked.getSelinuxOptionsBuilder().setType("container_t").setLevel("s0:c4,c5");
        assertThat(output(pod, asked, "echo runs")).containsExactly("runs");
        asked.getSelinuxOptionsBuilder().setLevel("s0,c4,c5");
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> kubelet.create(pod.id(), pod.config(), shell(asked, "true").build()),
                "selinux_options.level: found 's0,c4,c5'");
    }

    private static String field(long pid, String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    private static LinuxContainerSecurityContext.Builder context() {
        return LinuxContainerSecurityContext.newBuilder();
    }

    private static Int64Value number(long value) {
        return Int64Value.newBuilder().setValue(value).build();
    }
}
