package io.berth.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a main file and its drop-ins come to, and what is said of a bad one. */
final class ConfigFilesTest {
    @TempDir private Path folder = Path.of("");

    @Test
    void withoutAFileTheDefaultsCount() {
        var loaded = ConfigFiles.load(folder.resolve("config.toml"), true);
        assertThat(loaded.config()).isEqualTo(ConfigFiles.defaults());
        assertThat(loaded.warnings()).isEmpty();

        var config = loaded.config();
        assertThat(config.root()).isEqualTo(Path.of("/var/lib/berth"));
        assertThat(config.state()).isEqualTo(Path.of("/run/berth"));
        assertThat(config.socket()).isEqualTo(Path.of("/run/berth/berth.sock"));
        assertThat(config.cni())
                .isEqualTo(
                        new NodeConfig.Cni(
                                List.of(Path.of("/etc/cni/net.d")),
                                List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")),
                                1,
                                Optional.empty()));
        assertThat(config.runtimes().defaultHandler()).isEqualTo("runc");
        assertThat(config.runtimes().handlers()).containsOnlyKeys("runc");
        assertThat(config.images())
                .isEqualTo(
                        new NodeConfig.Images(
                                "overlayfs", Path.of("/etc/berth/certs.d"), 3, List.of()));
        assertThat(config.pods()).isEqualTo(new NodeConfig.Pods("/berth", 16384));
        assertThat(config.metricsAddress()).contains("127.0.0.1:9745");
        assertThat(config.process())
                .isEqualTo(
                        new NodeConfig.OwnProcess(
                                Path.of("/usr/local/lib/berth/bin/berth-native"),
                                Optional.empty(),
                                Optional.empty()));
        assertThat(config.timeouts().kill()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void everyKeyIsRead() throws IOException {
        var config = load(AllKeys.TOML).config();
        assertThat(config.root()).isEqualTo(Path.of("/a/root"));
        assertThat(config.state()).isEqualTo(Path.of("/a/state"));
        assertThat(config.socket()).isEqualTo(Path.of("/a/cri.sock"));
        assertThat(config.cni())
                .isEqualTo(
                        new NodeConfig.Cni(
                                List.of(Path.of("/a/conf"), Path.of("/b/conf")),
                                List.of(Path.of("/a/bin")),
                                2,
                                Optional.of(Path.of("/a/template"))));
        assertThat(config.runtimes().defaultHandler()).isEqualTo("crun");
        assertThat(config.runtimes().handlers()).containsOnlyKeys("runc", "crun", "other");
        assertThat(config.runtimes().handlers().get("crun"))
                .isEqualTo(
                        new NodeConfig.Handler(
                                Path.of("/a/shim"),
                                Optional.of(Path.of("/a/crun")),
                                true,
                                true,
                                new NodeConfig.HandlerOptions(
                                        Optional.of(Path.of("/a/runtime")),
                                        true,
                                        true,
                                        Optional.of("/a-shims"),
                                        List.of("a.*", "b"),
                                        List.of(),
                                        Optional.of(Path.of("/a/base.json")),
                                        Optional.of(Path.of("/a/net")),
                                        4,
                                        Optional.of("overlayfs"),
                                        true,
                                        Optional.empty())));
        assertThat(shimOptions(config, "other")).hasValue("\"ConfigPath\" = \"/a/other.toml\"\n");
        assertThat(config.images())
                .isEqualTo(
                        new NodeConfig.Images(
                                "native", Path.of("/a/certs"), 7, List.of("busybox", "*base*")));
        assertThat(config.pods()).isEqualTo(new NodeConfig.Pods("/a-parent", 4096));
        assertThat(config.streaming())
                .isEqualTo(
                        new NodeConfig.Streaming(
                                "127.0.0.2",
                                10010,
                                Duration.ofMinutes(5),
                                Optional.of(Path.of("/a/cert.pem")),
                                Optional.of(Path.of("/a/key.pem"))));
        security(config.security());
        nodePlugins(config.nri());
        assertThat(config.metricsAddress()).contains("127.0.0.1:1");
        assertThat(config.process())
                .isEqualTo(
                        new NodeConfig.OwnProcess(
                                Path.of("/a/native"), Optional.of(-999), Optional.of("/a/own")));
        assertThat(config.timeouts())
                .isEqualTo(
                        new NodeConfig.Timeouts(
                                Duration.ofMillis(1500),
                                Duration.ofSeconds(2),
                                Duration.ofMinutes(3),
                                Duration.ofHours(4),
                                Duration.ofSeconds(6)));
    }

    private static void security(NodeConfig.Security security) {
        assertThat(security)
                .isEqualTo(
                        new NodeConfig.Security(
                                List.of(Path.of("/a/cdi")),
                                true,
                                true,
                                512,
                                "runtime/default",
                                true));
    }

    private static void nodePlugins(NodeConfig.Nri nri) {
        var validator =
                new NodeConfig.Validator(
                        true,
                        true,
                        false,
                        true,
                        false,
                        true,
                        false,
                        List.of("guard"),
                        Optional.of("a/tolerate"));
        assertThat(nri)
                .isEqualTo(
                        new NodeConfig.Nri(
                                false,
                                Path.of("/a/nri.sock"),
                                true,
                                Path.of("/a/plugins"),
                                Path.of("/a/plugins.d"),
                                Duration.ofSeconds(7),
                                Duration.ofSeconds(8),
                                validator));
    }

    @Test
    void theTestOfEveryKeyHasEveryKey() {
        for (var key : ConfigKey.values()) {
            var last = key.path().substring(key.path().lastIndexOf('.') + 1);
            assertThat(AllKeys.TOML).as(key.path()).containsPattern("(?m)^" + last + " = ");
        }
    }

    @Test
    void aPatternThatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> load("[runtimes.handlers.x]\npod_annotations = [\"a[\"]\n"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("runtimes.handlers.x.pod_annotations: pattern \"a[\"");
        assertThatThrownBy(() -> load("[runtimes.handlers.x]\npod_annotations = [7]\n"))
                .hasMessageContaining("wanted a list of texts in quotes");
    }

    @Test
    void theSocketMovesWithItsStateFolder() throws IOException {
        var config = load("state = \"/a/state\"\n").config();
        assertThat(config.socket()).isEqualTo(Path.of("/a/state/berth.sock"));
        var moved = config.at(Optional.of(Path.of("/b")), Optional.of(Path.of("/c")));
        assertThat(moved.root()).isEqualTo(Path.of("/b"));
        assertThat(moved.socket()).isEqualTo(Path.of("/c/berth.sock"));

        var elsewhere = load("[cri]\nsocket = \"/d/cri.sock\"\n").config();
        assertThat(elsewhere.at(Optional.empty(), Optional.of(Path.of("/c"))).socket())
                .isEqualTo(Path.of("/d/cri.sock"));
    }

    @Test
    void emptyTurnsOff() throws IOException {
        assertThat(load("[metrics]\naddress = \"\"\n").config().metricsAddress()).isEmpty();
        assertThat(load("[daemon]\noom_score = \"\"\n").config().process().oomScore()).isEmpty();
    }

    @Test
    void anUnknownKeyIsRefusedWithTheNearestOne() throws IOException {
        assertThat(refused("[cri]\nsokcet = \"/a\"\n"))
                .containsExactly(
                        "config.toml:2: cri.sokcet: unknown key; did you mean cri.socket?");
        assertThat(refused("rot = \"/a\"\n"))
                .containsExactly("config.toml:1: rot: unknown key; did you mean root?");
    }

    @Test
    void everyProblemIsNamedAtOnceWithItsLine() throws IOException {
        assertThat(
                        refused(
                                """
                                root = "relative"
                                state = 5
                                [cni]
                                conf_dirs = "/etc"
                                max_networks = 0
                                [runtimes.handlers.runc]
                                systemd_cgroup = "yes"
                                [timeouts]
                                kill = "60"
                                nothing = 1
                                """))
                .containsExactlyInAnyOrder(
                        "config.toml:1: root: found \"relative\", wanted an absolute path in"
                                + " quotes",
                        "config.toml:2: state: found 5, wanted an absolute path in quotes",
                        "config.toml:4: cni.conf_dirs: found \"/etc\", wanted a list of absolute"
                                + " paths",
                        "config.toml:5: cni.max_networks: found 0, wanted a number from 1 to"
                                + " 1048576",
                        "config.toml:7: runtimes.handlers.runc.systemd_cgroup: found \"yes\","
                                + " wanted true or false",
                        "config.toml:9: timeouts.kill: found \"60\", wanted a time such as"
                                + " \"500ms\", \"60s\" or \"2m\"",
                        "config.toml:10: timeouts.nothing: unknown key; did you mean"
                                + " timeouts.kill?");
    }

    @Test
    void whatIsNoTomlIsRefusedWithItsLine() throws IOException {
        assertThat(refused("root = \"/a\"\nstate = \n"))
                .singleElement()
                .asString()
                .startsWith("config.toml:2: ");
    }

    @Test
    void aMainFileThatIsNamedMustBeThere() {
        var thrown =
                catchThrowableOfType(
                        ConfigException.class,
                        () -> ConfigFiles.load(folder.resolve("config.toml"), false));
        assertThat(thrown).hasMessageContaining("config.toml: cannot be read");
    }

    @Test
    void aHugeFileIsNotRead() throws IOException {
        assertThat(refused("#".repeat((1 << 20) + 1)))
                .containsExactly("config.toml: found more than 1048576 bytes");
    }

    @Test
    void aDefaultRuntimeMustBeAHandler() throws IOException {
        assertThat(refused("[runtimes]\ndefault = \"kata\"\n"))
                .containsExactly(
                        "config.toml: runtimes.default: found \"kata\", wanted one of [runc]");
    }

    @Test
    void patternsAndProfilesThatAreNoneAreNamed() throws IOException {
        assertThat(
                        refused(
                                """
                                [images]
                                pinned_images = ["a*b"]
                                [security]
                                unset_seccomp_profile = "default"
                                """))
                .containsExactly(
                        "config.toml: images.pinned_images: found \"a*b\", wanted a reference, its"
                                + " beginning and *, or *PART*",
                        "config.toml: security.unset_seccomp_profile: found \"default\", wanted"
                                + " unconfined, runtime/default or localhost/ and a file's absolute"
                                + " path");
    }

    @Test
    void aSnapshotterMustBeOneOfOurs() throws IOException {
        assertThat(refused("[images]\nsnapshotter = \"zfs\"\n"))
                .containsExactly(
                        "config.toml: images.snapshotter: found \"zfs\", wanted overlayfs or"
                                + " native");
    }

    @Test
    void anOomScoreMustBeOneOfTheKernels() throws IOException {
        for (var bad : List.of("-1001", "1001", "low")) {
            assertThat(refused("[daemon]\noom_score = \"%s\"\n".formatted(bad)))
                    .containsExactly(
                            "config.toml: daemon.oom_score: found \"%s\", wanted -1000 to 1000"
                                    .formatted(bad));
        }
        for (var good : List.of("-1000", "0", "1000")) {
            assertThat(
                            load("[daemon]\noom_score = \"%s\"\n".formatted(good))
                                    .config()
                                    .process()
                                    .oomScore())
                    .contains(Integer.valueOf(good));
        }
    }

    @Test
    void dropInsCountInTheOrderOfTheirNames() throws IOException {
        dropIn("20-second.toml", "[pods]\nmax_log_line = 20\n");
        dropIn("10-first.toml", "[pods]\nmax_log_line = 10\ncgroup_parent = \"/ten\"\n");
        dropIn("30-notes.txt", "not read");
        var loaded = load("root = \"/a\"\n[pods]\nmax_log_line = 1\n");
        assertThat(loaded.config().root()).isEqualTo(Path.of("/a"));
        assertThat(loaded.config().pods()).isEqualTo(new NodeConfig.Pods("/ten", 20));
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void aBadDropInIsLeftOutAlone() throws IOException {
        dropIn("10-good.toml", "[pods]\nmax_log_line = 10\n");
        dropIn("20-bad.toml", "[pods]\nmax_log_line = 20\ncgroup = \"/x\"\n");
        dropIn("30-good.toml", "[cni]\nmax_networks = 3\n");
        var loaded = load("");
        assertThat(loaded.config().pods().maxLogLineBytes()).isEqualTo(10);
        assertThat(loaded.config().cni().maxNetworks()).isEqualTo(3);
        assertThat(loaded.warnings())
                .singleElement()
                .asString()
                .endsWith("20-bad.toml:3: pods.cgroup: unknown key; did you mean daemon.cgroup?");
    }

    @Test
    void aBadMainFileIsRefusedWhateverTheDropInsSay() throws IOException {
        dropIn("10-good.toml", "root = \"/a\"\n");
        assertThat(refused("root = \"relative\"\n")).hasSize(1);
    }

    private ConfigFiles.Loaded load(String text) throws IOException {
        return ConfigFiles.load(Files.writeString(folder.resolve("config.toml"), text), false);
    }

    private static Optional<String> shimOptions(NodeConfig config, String handler) {
        return Objects.requireNonNull(config.runtimes().handlers().get(handler))
                .options()
                .shimOptions();
    }

    private void dropIn(String name, String text) throws IOException {
        var drops = Files.createDirectories(folder.resolve("conf.d"));
        Files.writeString(drops.resolve(name), text);
    }

    /** The problems of a main file, its folder left out of their text. */
    private List<String> refused(String text) throws IOException {
        var main = Files.writeString(folder.resolve("config.toml"), text);
        var thrown =
                catchThrowableOfType(ConfigException.class, () -> ConfigFiles.load(main, false));
        assertThat(thrown).isNotNull();
        assertThat(String.valueOf(thrown.getMessage()).lines()).hasSize(thrown.problems().size());
        return thrown.problems().stream()
                .map(each -> each.toString().replace(folder + "/", ""))
                .toList();
    }
}
