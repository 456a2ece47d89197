package io.berth.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.2.3",
        "FD00:0:0:0:0:0:0:5, fd00::5",
        "fd00:0:0:1:0:0:0:5, fd00:0:0:1::5",
        "::, ::",
        "::1, ::1",
        "fe80::, fe80::",
        "2001:db8:1:1:1:1:0:1, 2001:db8:1:1:1:1:0:1",
        "::ffff:10.1.2.3, 10.1.2.3"
    })
    void textIsCanonical(String text, String canonical) {
        assertThat(IpAddress.parse(text).text()).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.1",
                "10",
                "010.1.2.3",
                "10.1.2.256",
                "10.1.2.3 ",
                "0x0a.1.2.3",
                "localhost",
                "example.com",
                "fe80::1%eth0",
                "[::1]",
                ":::",
                "1::2::3"
            })
    void whatIsNoAddressIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IpAddress.parse(text))
                .withMessageContaining("found \"" + text.strip() + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.1.2.3", "10.1.2.3/33", "10.1.2.3/", "fd00::/129", "10.1.2.3/-1"})
    void whatIsNoSubnetIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> IpAddress.parseCidr(text));
    }
}
