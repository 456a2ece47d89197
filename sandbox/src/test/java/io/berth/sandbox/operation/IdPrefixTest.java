package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.sandbox.SandboxException;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class IdPrefixTest {
    private static final List<String> IDS = List.of("abc1", "abd2", "f000");

    @Test
    void findsTheIdItselfAndTheOnlyOneThatBeginsSo() {
        assertThat(IdPrefix.find("abc1", IDS, Function.identity())).contains("abc1");
        assertThat(IdPrefix.find("f", IDS, Function.identity())).contains("f000");
    }

    @Test
    void findsNothingForWhatIsUnknownOrEmpty() {
        assertThat(IdPrefix.find("zz", IDS, Function.identity())).isEmpty();
        assertThat(IdPrefix.find("", IDS, Function.identity())).isEmpty();
    }

    @Test
    void refusesWhatIsAmbiguousSinceNothingFoundMeansStopped() {
        assertThatThrownBy(() -> IdPrefix.find("ab", IDS, Function.identity()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("'ab'");
    }
}
