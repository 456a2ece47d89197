package io.berth.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static Samples samples(double... values) {
        return new Samples(DoubleStream.of(values).boxed().toList());
    }

    private static Samples upTo(int count) {
        return new Samples(IntStream.rangeClosed(1, count).mapToObj(i -> (double) i).toList());
    }

    @Test
    void theMedianIsTheMiddleOneHoweverTheyCome() {
        assertThat(samples(9, 1, 5).median()).isEqualTo(5);
        assertThat(samples(7).median()).isEqualTo(7);
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTwo() {
        assertThat(samples(1, 100, 3, 2).median()).isEqualTo(2.5);
    }

    @Test
    void theTailOfAHundredLeavesTheWorstOut() {
        assertThat(upTo(100).tail(Better.LESS)).isEqualTo(99);
        assertThat(upTo(100).tail(Better.MORE)).isEqualTo(2);
        assertThat(upTo(100).tailIsTheWorst()).isFalse();
    }

    @Test
    void theTailOfAThousandLeavesTenOut() {
        assertThat(upTo(1000).tail(Better.LESS)).isEqualTo(990);
    }

    @Test
    void theTailOfFewIsTheWorst() {
        assertThat(upTo(99).tail(Better.LESS)).isEqualTo(99);
        assertThat(upTo(99).tail(Better.MORE)).isEqualTo(1);
        assertThat(upTo(99).tailIsTheWorst()).isTrue();
    }

    @Test
    void noneAtAllAndWhatIsNoNumberAreRefused() {
        assertThatThrownBy(() -> new Samples(List.of())).hasMessageContaining("found none");
        assertThatThrownBy(() -> samples(1, Double.NaN)).hasMessageContaining("NaN");
    }
}
