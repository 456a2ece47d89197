package io.berth.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private static final Figure RUN = Figure.millis("RunPodSandbox");
    private static final Figure RATE = Figure.rate("pods", "pods");
    private static final Figure START = Figure.millis("start");

    private static Results results() {
        var results = new Results(List.of("one 1.0", "other 2.0"));
        for (int i = 1; i <= 100; i++) {
            results.add(RUN, 0, i);
            results.add(RUN, 1, 2 * i);
        }
        results.add(RATE, 0, 8);
        results.add(RATE, 0, 6);
        results.add(RATE, 1, 4);
        results.add(START, 0, 1234.4);
        results.missing(START, 1, "nobody started it");
        return results;
    }

    @Test
    void aLineAFigureWithTheRatioOfTheMedians() {
        assertThat(Table.lines(results()))
                .containsExactly(
                        "                       better  one 1.0    p99    n  other 2.0    p99    n  ratio",
                        "RunPodSandbox  ms      less       50.5   99.0  100        101    198  100   0.50",
                        "pods           pods/s  more       7.00  6.00*    2       4.00  4.00*    1   1.75",
                        "start          ms      less       1234  1234*    1          -      -    0      -",
                        "* the worst; there are fewer than 100 samples",
                        "start, other 2.0: not measured: nobody started it");
    }

    @Test
    void whatFailedStandsBelowTheFiguresThatThereAre() throws IOException {
        var results = results();
        results.failed("log", "other 2.0", "UNKNOWN: ttrpc: closed");
        results.failed("pull", "", "no space");
        assertThat(Table.lines(results))
                .hasSize(8)
                .endsWith(
                        "log, other 2.0: failed: UNKNOWN: ttrpc: closed", "pull: failed: no space");
        var read = new ObjectMapper().readTree(Json.text(List.of("a machine"), results));
        assertThat(read.at("/failures/0/part").asText()).isEqualTo("log");
        assertThat(read.at("/failures/0/contender").asText()).isEqualTo("other 2.0");
        assertThat(read.at("/failures/1/error").asText()).isEqualTo("no space");
        assertThat(read.at("/figures/0/ratio").asDouble()).isEqualTo(0.5);
    }

    @Test
    void oneContenderHasNoRatio() {
        var results = new Results(List.of("one"));
        results.add(RATE, 0, 2);
        assertThat(Table.lines(results).getFirst()).endsWith("n").doesNotContain("ratio");
        assertThat(results.ratio(RATE)).isEmpty();
    }

    @Test
    void nothingIsDividedByNothing() {
        var results = new Results(List.of("one", "other"));
        results.add(RATE, 0, 2);
        results.add(RATE, 1, 0);
        assertThat(results.ratio(RATE)).isEmpty();
        assertThat(Table.lines(results).get(1)).endsWith("-");
    }

    @Test
    void jsonHasTheSameAndSaysWhyAFigureIsMissing() throws IOException {
        var read = new ObjectMapper().readTree(Json.text(List.of("a machine"), results()));
        assertThat(read.at("/machine/0").asText()).isEqualTo("a machine");
        assertThat(read.at("/contenders/1").asText()).isEqualTo("other 2.0");
        assertThat(read.at("/figures/0/name").asText()).isEqualTo("RunPodSandbox");
        assertThat(read.at("/figures/0/ratio").asDouble()).isEqualTo(0.5);
        assertThat(read.at("/figures/0/contenders/0/samples").asInt()).isEqualTo(100);
        assertThat(read.at("/figures/0/contenders/0/p99").asDouble()).isEqualTo(99);
        assertThat(read.at("/figures/0/contenders/1/worst").asDouble()).isEqualTo(200);
        assertThat(read.at("/figures/1/better").asText()).isEqualTo("more");
        assertThat(read.at("/figures/1/contenders/0/worst").asDouble()).isEqualTo(6);
        assertThat(read.at("/figures/1/contenders/0").has("p99")).isFalse();
        assertThat(read.at("/figures/2").has("ratio")).isFalse();
        assertThat(read.at("/figures/2/contenders/1/reason").asText())
                .isEqualTo("nobody started it");
    }
}
