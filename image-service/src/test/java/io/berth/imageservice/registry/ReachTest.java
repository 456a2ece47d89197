package io.berth.imageservice.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a registry's own words may lead, by addresses and by names. */
final class ReachTest {
    private static final ProxySelector DIRECT = ProxySelector.of(null);
    private static final Map<String, String> NAMES =
            Map.of(
                    "registry.example", "192.0.2.7",
                    "auth.example", "192.0.2.8",
                    "local.example", "127.0.0.1",
                    "metadata.example", "169.254.169.254",
                    "localhost", "127.0.0.1");

    private static Reach reach(String base) {
        return new Reach(
                URI.create(base),
                Set.of("mirror.example:443", "127.0.0.1:5001"),
                DIRECT,
                host ->
                        List.of(
                                NAMES.containsKey(host)
                                        ? InetAddress.ofLiteral(String.valueOf(NAMES.get(host)))
                                        : InetAddress.getByName(host)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://registry.example/v2 | http://169.254.169.254/latest | link",
                "https://registry.example/v2 | https://127.0.0.1/ | machine",
                "https://registry.example/v2 | https://127.9.9.9:5000/ | machine",
                "https://registry.example/v2 | https://[::1]/ | machine",
                "https://registry.example/v2 | https://0.0.0.0/ | machine",
                "https://registry.example/v2 | https://0.1.2.3/ | machine",
                "https://registry.example/v2 | https://[::]/ | machine",
                "https://registry.example/v2 | https://[::ffff:127.0.0.1]/ | machine",
                "https://registry.example/v2 | https://[::127.0.0.1]/ | machine",
                "https://registry.example/v2 | https://[64:ff9b::a9fe:a9fe]/ | link",
                "https://registry.example/v2 | https://[fe80::1]/ | link",
                "https://registry.example/v2 | https://[fd00:ec2::254]/ | metadata",
                "https://registry.example/v2 | https://168.63.129.16/ | metadata",
                "https://registry.example/v2 | https://100.100.100.200/ | metadata",
                "https://registry.example/v2 | https://local.example/token | machine",
                "https://registry.example/v2 | https://metadata.example/token | link",
                "https://registry.example/v2 | https://localhost/token | machine",
                "http://127.0.0.1:5000/v2 | http://169.254.1.1/latest | link",
                "http://127.0.0.1:5000/v2 | https://metadata.example/ | link",
            })
    void thingsThatAreNotTheRegistrysToNameAreRefused(String base, String to, String said) {
        assertThat(reach(base).refusal(URI.create(to)))
                .hasValueSatisfying(why -> assertThat(why).contains(said));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://registry.example/v2 | https://auth.example/token",
                "https://registry.example/v2 | https://192.168.1.1/token",
                "https://registry.example/v2 | http://127.0.0.1:5001/token",
                "http://127.0.0.1:5000/v2 | http://127.0.0.1:5017/token",
                "http://127.0.0.1:5000/v2 | https://localhost:7/token",
                "http://169.254.1.1/v2 | http://169.254.1.1:90/token",
                "https://local.example/v2 | https://127.0.0.1:444/token",
            })
    void othersMayBeAsked(String base, String to) {
        assertThat(reach(base).refusal(URI.create(to))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://registry.example:5000/v2, http://registry.example:5000/token, true",
        "http://registry.example:5000/v2, http://REGISTRY.example:5000/token, true",
        "http://registry.example:5000/v2, http://registry.example:5001/token, false",
        "http://registry.example:5000/v2, https://registry.example/token, true",
        "http://registry.example:5000/v2, http://auth.example/token, false",
        "http://registry.example:5000/v2, https://auth.example/token, false",
        "http://registry.example:5000/v2, https://mirror.example/token, true",
        "https://registry.example/v2, https://auth.example/token, true",
        "https://registry.example/v2, http://auth.example/token, false",
    })
    void credentialsGoNoFurtherThanTheyMay(String base, String realm, boolean may) {
        assertThat(reach(base).maySeeCredentials(URI.create(realm))).isEqualTo(may);
    }

    /** The proxy resolves names by itself, so here only addresses are known for what they are. */
    @ParameterizedTest
    @CsvSource({"https://metadata.example/, true", "https://169.254.169.254/, false"})
    void behindAProxyAddressesAreRecognised(String to, boolean asked) {
        var reach =
                new Reach(
                        URI.create("https://registry.example/v2"),
                        Set.of(),
                        ProxySelector.of(InetSocketAddress.createUnresolved("proxy", 3128)),
                        host -> {
                            throw new AssertionError("resolved " + host);
                        });
        assertThat(reach.refusal(URI.create(to)).isEmpty()).isEqualTo(asked);
    }
}
