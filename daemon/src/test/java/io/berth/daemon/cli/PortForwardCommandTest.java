package io.berth.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.daemon.cli.stream.PortForwarder.Ports;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PortForwardCommandTest {
    @Test
    void portsAreReadAsKubectlReadsThem() {
        assertThat(PortForwardCommand.ports("8080:80")).isEqualTo(new Ports(8080, 80));
        assertThat(PortForwardCommand.ports("80")).isEqualTo(new Ports(80, 80));
        assertThat(PortForwardCommand.ports(":80")).isEqualTo(new Ports(0, 80));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":", "80:", "x:80", "80:x", "0", "1:0", "65536", "65536:1", "1:2:3"})
    void whatMakesNoSenseIsRefused(String word) {
        assertThatThrownBy(() -> PortForwardCommand.ports(word))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("\"" + word + "\"");
    }
}
