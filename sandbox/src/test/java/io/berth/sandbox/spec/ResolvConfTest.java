package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.DNSConfig;
import io.berth.sandbox.SandboxException;
import org.junit.jupiter.api.Test;

class ResolvConfTest {
    @Test
    void everyServerHasItsLine() {
        var dns =
                DNSConfig.newBuilder()
                        .addServers("10.0.0.1")
                        .addServers("fd00::1")
                        .addSearches("a.test")
                        .addSearches("b.test")
                        .addOptions("ndots:5")
                        .build();
        assertThat(ResolvConf.of(dns))
                .contains(
                        """
                        search a.test b.test
                        nameserver 10.0.0.1
                        nameserver fd00::1
                        options ndots:5
                        """);
    }

    @Test
    void aRequestForNothingLeavesTheHosts() {
        assertThat(ResolvConf.of(DNSConfig.getDefaultInstance())).isEmpty();
    }

    @Test
    void aWordThatWouldBeALineOfItsOwnIsRefused() {
        var dns = DNSConfig.newBuilder().addServers("10.0.0.1\nnameserver 6.6.6.6").build();
        assertThatThrownBy(() -> ResolvConf.of(dns))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage(
                        "config.dns_config.servers: found '10.0.0.1?nameserver 6.6.6.6', wanted one"
                                + " word");
        var two = DNSConfig.newBuilder().addSearches("a b").build();
        assertThatThrownBy(() -> ResolvConf.of(two)).hasMessageContaining("searches: found 'a b'");
    }
}
