package io.berth.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BandwidthTest {
    @ParameterizedTest
    @CsvSource({
        "1k, 1000",
        "10M, 10000000",
        "1Ki, 1024",
        "1.5M, 1500000",
        "2000, 2000",
        "1P, 1000000000000000"
    })
    void quantitiesAreBitsPerSecond(String text, long bits) {
        assertThat(Bandwidth.fromAnnotations(Map.of(Bandwidth.INGRESS_ANNOTATION, text)))
                .hasValue(new Bandwidth(bits, 4_294_967_295L, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "10Mb", "-1M", "999", "1E", "1e9999999999"})
    void whatIsNoLimitIsRefusedByName(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Bandwidth.fromAnnotations(Map.of(Bandwidth.EGRESS_ANNOTATION, text)))
                .withMessageContaining("kubernetes.io/egress-bandwidth: found \"" + text + "\"");
    }

    @Test
    void noAnnotationIsNoLimit() {
        assertThat(Bandwidth.fromAnnotations(Map.of("a", "b"))).isEmpty();
    }
}
