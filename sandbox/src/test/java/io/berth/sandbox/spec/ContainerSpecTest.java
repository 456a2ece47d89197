package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.NamespaceMode;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.runtime.HandlerFeatures;
import io.berth.sandbox.security.ContainerSecurity;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContainerSpecTest {
    @Test
    void describesTheProcessOfTheImage() {
        var process = Fixtures.spec(Fixtures.containerConfig()).get("process");
        assertThat(Fixtures.texts(process.get("args"))).containsExactly("/entry", "cmd");
        assertThat(process.get("cwd").asText()).isEqualTo("/srv");
        assertThat(process.get("terminal").asBoolean()).isFalse();
        assertThat(process.get("noNewPrivileges").asBoolean()).isFalse();
        assertThat(process.at("/user/uid").asInt()).isEqualTo(1000);
        assertThat(Fixtures.texts(process.at("/user/additionalGids")))
                .containsExactly("1000", "2000");
        assertThat(process.has("rlimits")).isFalse();
        assertThat(process.has("oomScoreAdj")).isFalse();
    }

    @Test
    void commandReplacesBothAndArgsReplaceCmd() {
        assertThat(args(List.of("run"), List.of())).containsExactly("run");
        assertThat(args(List.of("run"), List.of("x"))).containsExactly("run", "x");
        assertThat(args(List.of(), List.of("x"))).containsExactly("/entry", "x");
    }

    @Test
    void anImageCanTakeItsEntrypointBack() {
        var image = Fixtures.image(List.of(""), List.of("/only"), List.of(), "");
        assertThat(Command.args(Fixtures.containerConfig().build(), image))
                .containsExactly("/only");
    }

    @Test
    void nothingToRunIsRefused() {
        var image = Fixtures.image(List.of(), List.of(), List.of(), "");
        assertThatThrownBy(() -> Command.args(Fixtures.containerConfig().build(), image))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage(
                        "config.command: found none, and image registry.test/server:1 names none;"
                                + " wanted a command");
    }

    @Test
    void workingDirectoryComesFromTheRequestThenTheImageThenTheRoot() {
        var image = Fixtures.image(List.of("/x"), List.of(), List.of(), "");
        var config = Fixtures.containerConfig().build();
        assertThat(Command.workingDirectory(config, image)).isEqualTo("/");
        assertThat(Command.workingDirectory(config, Fixtures.image())).isEqualTo("/srv");
        assertThat(
                        Command.workingDirectory(
                                config.toBuilder().setWorkingDir("/w").build(), Fixtures.image()))
                .isEqualTo("/w");
    }

    @Test
    void environmentIsDefaultsThenImageThenRequest() {
        var config = Fixtures.containerConfig().addEnvs(variable("B", "request")).setTty(true);
        assertThat(Fixtures.texts(Fixtures.spec(config).at("/process/env")))
                .containsExactly(
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "TERM=xterm",
                        "HOSTNAME=web-0",
                        "A=image",
                        "B=request");
        assertThat(Fixtures.spec(config).at("/process/terminal").asBoolean()).isTrue();
    }

    @Test
    void aPodWithoutANameOfItsOwnHasTheHosts() {
        var pod = Fixtures.podConfig().setHostname("");
        var spec = Fixtures.spec(Fixtures.containerConfig(), pod, Fixtures.limits());
        assertThat(Fixtures.texts(spec.at("/process/env"))).contains("HOSTNAME=node-1");
    }

    @Test
    void aVariableThatJsonCannotCarryIsRefusedWithoutItsValue() {
        var secret =
                KeyValue.newBuilder()
                        .setKey("TOKEN")
                        .setValue(ByteString.copyFrom(new byte[] {'s', 'e', 'c', (byte) 0xff}));
        assertThatThrownBy(() -> Fixtures.spec(Fixtures.containerConfig().addEnvs(secret)))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageStartingWith("config.envs[0].value: that of TOKEN is not UTF-8")
                .hasMessageNotContaining("sec");
        assertThatThrownBy(
                        () ->
                                Fixtures.spec(
                                        Fixtures.containerConfig().addEnvs(variable("A=B", ""))))
                .hasMessageStartingWith("config.envs[0].key: found 'A=B'");
    }

    @Test
    void joinsThePodsNamespaces() {
        assertThat(Fixtures.namespaces(Fixtures.spec(Fixtures.containerConfig())))
                .containsExactly(
                        "mount=new",
                        "network=/proc/4711/ns/net",
                        "uts=/proc/4711/ns/uts",
                        "ipc=/proc/4711/ns/ipc",
                        "pid=new");
    }

    @Test
    void sharesPidsWithThePodOrTheHost() {
        assertThat(Fixtures.namespaces(Fixtures.spec(withPid(NamespaceMode.POD))))
                .contains("pid=/proc/4711/ns/pid");
        assertThat(Fixtures.namespaces(Fixtures.spec(withPid(NamespaceMode.NODE))))
                .noneMatch(namespace -> namespace.startsWith("pid="));
    }

    @Test
    void joinsAnotherContainersPids() {
        var target =
                Fixtures.host(
                        new MountHost(List.of(), HandlerFeatures.all()),
                        OptionalInt.of(815),
                        Fixtures.limits());
        var spec = Fixtures.spec(withPid(NamespaceMode.TARGET), Fixtures.podConfig(), target);
        assertThat(Fixtures.namespaces(spec))
                .contains("pid=/proc/815/ns/pid", "ipc=/proc/4711/ns/ipc");
    }

    @Test
    void aPodOnTheHostsNamespacesHasNoneToJoin() {
        var pod = Fixtures.podConfig();
        pod.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE)
                .setIpc(NamespaceMode.NODE)
                .setPid(NamespaceMode.NODE);
        var spec = Fixtures.spec(withPid(NamespaceMode.POD), pod, Fixtures.limits());
        assertThat(Fixtures.namespaces(spec)).containsExactly("mount=new");
        assertThat(Fixtures.mount(spec, "/dev/shm").get("source").asText()).isEqualTo("/dev/shm");
    }

    @Test
    void aContainerCannotHaveMoreOfTheHostThanItsPod() {
        var config = Fixtures.containerConfig();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE);
        assertThatThrownBy(() -> Fixtures.spec(config))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("namespace_options.network: found NODE in a pod with POD");
    }

    @Test
    void cgroupV2GivesACgroupNamespace() {
        var v2 =
                new HostLimits(
                        Fixtures.limits().boundingCapabilities(), -1000, true, true, true, "n");
        assertThat(
                        Fixtures.namespaces(
                                Fixtures.spec(
                                        Fixtures.containerConfig(), Fixtures.podConfig(), v2)))
                .contains("cgroup=new");
    }

    @Test
    void pathsAreMaskedAsAskedAndNotOtherwise() {
        var config = Fixtures.containerConfig();
        assertThat(Fixtures.spec(config).at("/linux/maskedPaths")).isEmpty();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .addMaskedPaths("/proc/kcore")
                .addReadonlyPaths("/proc/sys")
                .setReadonlyRootfs(true)
                .setNoNewPrivs(true);
        var spec = Fixtures.spec(config);
        assertThat(Fixtures.texts(spec.at("/linux/maskedPaths"))).containsExactly("/proc/kcore");
        assertThat(Fixtures.texts(spec.at("/linux/readonlyPaths"))).containsExactly("/proc/sys");
        assertThat(spec.at("/root/readonly").asBoolean()).isTrue();
        assertThat(spec.at("/process/noNewPrivileges").asBoolean()).isTrue();
    }

    @Test
    void whatIsPrivilegedHasAllThatTheMachineAllows() {
        var config = Fixtures.containerConfig();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setPrivileged(true)
                .addMaskedPaths("/proc/kcore")
                .addReadonlyPaths("/proc/sys")
                .getCapabilitiesBuilder()
                .addDropCapabilities("ALL");
        var few = new HostLimits(Set.of("CAP_CHOWN", "CAP_BPF"), 0, true, false, false, "n");
        var privileged = Fixtures.PRIVILEGED;
        var spec = Fixtures.spec(config, Fixtures.podConfig(), few, privileged);
        assertThat(Fixtures.texts(spec.at("/process/capabilities/effective")))
                .containsExactly("CAP_CHOWN", "CAP_BPF");
        assertThat(spec.at("/process/capabilities/ambient")).isEmpty();
        assertThat(spec.at("/linux/maskedPaths")).isEmpty();
        assertThat(spec.at("/linux/readonlyPaths")).isEmpty();
        assertThat(Fixtures.namespaces(spec)).doesNotContain("cgroup=new");
        for (var place : List.of("/sys", "/sys/fs/cgroup")) {
            assertThat(Fixtures.texts(Fixtures.mount(spec, place).get("options")))
                    .contains("rw")
                    .doesNotContain("ro");
        }
    }

    @Test
    void carriesTheAnnotationsThatShimsGroupBy() {
        var annotations = Fixtures.spec(Fixtures.containerConfig()).get("annotations");
        assertThat(annotations.get("io.kubernetes.cri.container-type").asText())
                .isEqualTo("container");
        assertThat(annotations.get("io.kubernetes.cri.sandbox-id").asText())
                .isEqualTo("a".repeat(64));
        assertThat(annotations.get("io.kubernetes.cri.sandbox-namespace").asText())
                .isEqualTo("shop");
        assertThat(annotations.get("io.kubernetes.cri.container-name").asText())
                .isEqualTo("server");
        assertThat(annotations.get("io.kubernetes.cri.image-name").asText())
                .isEqualTo("registry.test/server:1");
    }

    @Test
    void aFurtherProcessIsTheContainersOwnWithAnotherCommand() {
        var config = Fixtures.containerConfig().setTty(true);
        var json =
                ContainerSpec.json(
                        Fixtures.container(config),
                        Fixtures.sandbox(Fixtures.podConfig()),
                        Fixtures.image(),
                        Fixtures.host(config, Fixtures.limits()),
                        ContainerSecurity.PLAIN);
        var process = OciJson.parse(ExecSpec.process(json, List.of("ls", "-l"), false));
        assertThat(Fixtures.texts(process.get("args"))).containsExactly("ls", "-l");
        assertThat(process.get("terminal").asBoolean()).isFalse();
        assertThat(process.get("cwd").asText()).isEqualTo("/srv");
        assertThat(process.at("/user/uid").asInt()).isEqualTo(1000);
        assertThat(process.has("capabilities")).isTrue();
        assertThatThrownBy(() -> ExecSpec.process(new byte[] {'{', '}'}, List.of("ls"), false))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFurtherProcessAtATerminalHasTerm() {
        var config = Fixtures.containerConfig();
        var plain =
                ContainerSpec.json(
                        Fixtures.container(config),
                        Fixtures.sandbox(Fixtures.podConfig()),
                        Fixtures.image(),
                        Fixtures.host(config, Fixtures.limits()),
                        ContainerSecurity.PLAIN);
        var once = ExecSpec.process(plain, List.of("sh"), true);
        var process = OciJson.parse(once);
        assertThat(process.get("terminal").asBoolean()).isTrue();
        assertThat(Fixtures.texts(process.get("env"))).containsOnlyOnce("TERM=xterm");
        var document = OciJson.object();
        document.set("process", process);
        var again = OciJson.parse(ExecSpec.process(OciJson.bytes(document), List.of("sh"), true));
        assertThat(Fixtures.texts(again.get("env"))).containsOnlyOnce("TERM=xterm");
    }

    private static List<String> args(List<String> command, List<String> args) {
        var config = Fixtures.containerConfig().addAllCommand(command).addAllArgs(args);
        return Fixtures.texts(Fixtures.spec(config).at("/process/args"));
    }

    private static KeyValue variable(String name, String value) {
        return KeyValue.newBuilder().setKey(name).setValue(ByteString.copyFromUtf8(value)).build();
    }

    private static io.berth.cri.v1.ContainerConfig.Builder withPid(NamespaceMode mode) {
        var config = Fixtures.containerConfig();
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setNamespaceOptions(Fixtures.namespaces(mode));
        return config;
    }
}
