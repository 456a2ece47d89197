package io.berth.sandbox.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuRatesTest {
    private static final long SECOND = 1_000_000_000L;

    private final CpuRates rates = new CpuRates();

    @Test
    void withoutASampleThereIsNoRate() {
        assertThat(rates.nanoCores("a", SECOND, 5)).isEmpty();
    }

    @Test
    void halfAProcessorIsHalfABillion() {
        rates.add("a", 10 * SECOND, 100 * SECOND);
        assertThat(rates.nanoCores("a", 14 * SECOND, 102 * SECOND)).hasValue(SECOND / 2);
    }

    @Test
    void aSampleThatIsTooYoungGivesWayToTheOneBefore() {
        rates.add("a", 10 * SECOND, 0);
        assertThat(rates.nanoCores("a", 10 * SECOND + 5, 7)).isEmpty();
        rates.add("a", 20 * SECOND, 20 * SECOND);
        assertThat(rates.nanoCores("a", 20 * SECOND + SECOND / 2, 21 * SECOND))
                .hasValue(SECOND * 2);
    }

    @Test
    void whatRunsBackwardsHasNoRate() {
        rates.add("a", 10 * SECOND, 50);
        assertThat(rates.nanoCores("a", 20 * SECOND, 49)).isEmpty();
    }

    @Test
    void whatIsNotRetainedIsForgotten() {
        rates.add("a", 0, 0);
        rates.add("b", 0, 0);
        rates.retain(Set.of("b"));
        assertThat(rates.nanoCores("a", 5 * SECOND, 5)).isEmpty();
        assertThat(rates.nanoCores("b", 5 * SECOND, 5)).hasValue(1);
    }
}
