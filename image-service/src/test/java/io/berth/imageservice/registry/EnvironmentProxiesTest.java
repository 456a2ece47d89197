package io.berth.imageservice.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentProxiesTest {

    private static final Map<String, String> ENVIRONMENT =
            Map.of(
                    "HTTPS_PROXY", "http://proxy.example:3128",
                    "http_proxy", "plain.example:8080",
                    "NO_PROXY", "internal.example, .corp.example,exact.example:5000");

    @ParameterizedTest
    @CsvSource({
        "https://registry.example/v2, proxy.example:3128",
        "http://registry.example/v2, plain.example:8080",
        "https://internal.example/v2, direct",
        "https://a.internal.example/v2, direct",
        "https://notinternal.example/v2, proxy.example:3128",
        "https://x.corp.example/v2, direct",
        "https://exact.example:5000/v2, direct",
        "https://exact.example:6000/v2, proxy.example:3128",
        "http://localhost:5000/v2, direct",
        "http://127.0.0.1:5000/v2, direct",
    })
    void proxyIsChosenByAddress(String address, String wanted) {
        Proxy proxy = EnvironmentProxies.of(ENVIRONMENT).select(URI.create(address)).getFirst();
        String found =
                proxy.address() instanceof InetSocketAddress host
                        ? host.getHostString() + ":" + host.getPort()
                        : "direct";
        assertThat(found).isEqualTo(wanted);
    }
}
