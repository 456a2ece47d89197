package io.berth.imageservice.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.imageservice.registry.RegistryHost.Capability;
import io.berth.imageservice.registry.RegistryHost.ClientPair;
import io.berth.imageservice.registry.RegistryHost.Trust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostsFileTest {

    @TempDir Path certs;

    private Path write(String folder, String text) throws IOException {
        Path file = Files.createDirectories(certs.resolve(folder)).resolve("hosts.toml");
        return Files.writeString(file, text);
    }

    private List<RegistryHost> hosts(String registry) throws IOException {
        try (var registries = new Registries(RegistrySettings.of(List.of(certs)))) {
            return registries.hosts(registry);
        }
    }

    private List<String> bases(String registry) throws IOException {
        return hosts(registry).stream().map(host -> host.base().toString()).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "docker.io, https://registry-1.docker.io/v2",
        "example.com, https://example.com/v2",
        "example.com:5000, https://example.com:5000/v2",
        "localhost, http://localhost/v2",
        "localhost:5000, http://localhost:5000/v2",
        "127.0.0.1:5000, http://127.0.0.1:5000/v2",
        "127.1.2.3, http://127.1.2.3/v2",
        "[::1]:5000, http://[::1]:5000/v2",
        "127.example.com, https://127.example.com/v2",
    })
    void registryWithoutAFileAnswersItself(String registry, String base) throws IOException {
        assertThat(bases(registry)).containsExactly(base);
    }

    @Test
    void hostsAreAskedInTheFilesOrderAndTheServerLast() throws IOException {
        write(
                "docker.io",
                """
                server = "https://hub.example"
                [host."https://z.example:5000"]
                  capabilities = ["pull", "resolve"]
                [host."http://a.example/cache"]
                  capabilities = ["pull"]
                [host."https://m.example/odd/path"]
                  override_path = true
                """);
        assertThat(bases("docker.io"))
                .containsExactly(
                        "https://z.example:5000/v2",
                        "http://a.example/cache/v2",
                        "https://m.example/odd/path",
                        "https://hub.example/v2");
        assertThat(hosts("docker.io"))
                .extracting(RegistryHost::origin)
                .containsExactly(false, false, false, true);
        assertThat(hosts("docker.io").get(1).capabilities()).containsExactly(Capability.PULL);
    }

    @Test
    void everyKeyIsRead() throws IOException {
        Path file =
                write(
                        "example.com_5000_",
                        """
                        [host."https://m.example"]
                          ca = ["one.crt", "/abs/two.crt"]
                          client = [["c.cert", "c.key"], ["both.pem"]]
                          skip_verify = true
                          dial_timeout = "1.5s"
                          [host."https://m.example".header]
                          x-one = "1"
                          x-two = ["2", "3"]
                        """);
        RegistryHost host = hosts("example.com:5000").getFirst();
        Path folder = file.resolveSibling("");
        assertThat(host.trust())
                .isEqualTo(
                        new Trust(
                                List.of(folder.resolve("one.crt"), Path.of("/abs/two.crt")),
                                List.of(
                                        new ClientPair(
                                                folder.resolve("c.cert"), folder.resolve("c.key")),
                                        new ClientPair(
                                                folder.resolve("both.pem"),
                                                folder.resolve("both.pem"))),
                                true));
        assertThat(host.dialTimeout()).hasValue(Duration.ofMillis(1500));
        assertThat(host.headers())
                .isEqualTo(Map.of("x-one", List.of("1"), "x-two", List.of("2", "3")));
        assertThat(bases("example.com:5000").getLast()).isEqualTo("https://example.com:5000/v2");
    }

    @Test
    void defaultFolderServesEveryOtherRegistry() throws IOException {
        write("_default", "[host.\"https://cache.example\"]\n");
        write("known.example", "server = \"https://known.example\"\n");
        assertThat(bases("other.example"))
                .containsExactly("https://cache.example/v2", "https://other.example/v2");
        assertThat(bases("known.example")).containsExactly("https://known.example/v2");
    }

    @Test
    void dockersFolderOfCertificatesIsUsedWithoutAFile() throws IOException {
        Path folder = Files.createDirectories(certs.resolve("127.0.0.1:5000"));
        Files.writeString(folder.resolve("ca.crt"), "");
        Files.writeString(folder.resolve("client.cert"), "");
        assertThatThrownBy(() -> hosts("127.0.0.1:5000"))
                .hasMessageContaining("its key client.key is missing");
        Files.writeString(folder.resolve("client.key"), "");
        RegistryHost host = hosts("127.0.0.1:5000").getFirst();
        assertThat(host.base()).isEqualTo(URI.create("https://127.0.0.1:5000/v2"));
        assertThat(host.trust().authorities()).containsExactly(folder.resolve("ca.crt"));
        assertThat(host.trust().clients()).hasSize(1);
    }

    @Test
    void allProblemsOfAFileAreNamedTogether() throws IOException {
        Path file =
                write(
                        "bad.example",
                        """
                        server = 7
                        [host."ftp://m.example"]
                          capabilities = ["fly"]
                        [host."https://n.example"]
                          capabilities = ["fly"]
                          dial_timeout = "soon"
                          skip_verify = "yes"
                          [host."https://n.example".header]
                          Host = "x"
                        """);
        assertThatThrownBy(() -> hosts("bad.example"))
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining("host \"ftp://m.example\"")
                .hasMessageContaining("server: wanted a string")
                .hasMessageContaining("found \"fly\"")
                .hasMessageContaining("dial_timeout: found \"soon\"")
                .hasMessageContaining("skip_verify: wanted true or false")
                .hasMessageContaining("header Host");
    }

    @Test
    void brokenTomlIsNamedWithItsFile() throws IOException {
        Path file = write("bad.example", "server = \n");
        assertThatThrownBy(() -> hosts("bad.example")).hasMessageStartingWith(file + ": ");
    }

    @Test
    void unknownKeysAreLeftAlone() throws IOException {
        write("new.example", "future = true\n[host.\"https://m.example\"]\n  other = 1\n");
        assertThat(bases("new.example")).hasSize(2);
    }
}
