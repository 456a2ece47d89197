package io.berth.cni.owed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cni.owed.FailedAdd.Answer;
import org.junit.jupiter.api.Test;

class FailedAddTest {
    private static final Answer BAD = new Answer(999, "invalid CIDR address: 10.0.0.0/33");
    private static final FailedAdd SECOND = new FailedAdd(1, BAD);

    @Test
    void pluginsBeforeTheFailedOneOweAndThoseAfterItDoNot() {
        assertThat(SECOND.owesDel(0, BAD, true)).isTrue();
        assertThat(SECOND.owesDel(2, new Answer(0, ""), false)).isFalse();
    }

    @Test
    void theFailedOneOwesUnlessItsConfigurationIsInvalid() {
        assertThat(SECOND.owesDel(1, BAD, false)).as("the same words").isFalse();
        assertThat(SECOND.owesDel(1, new Answer(999, "stuck"), false)).isTrue();
        assertThat(SECOND.owesDel(1, new Answer(999, "stuck"), true)).as("replaced").isFalse();
        for (int code : new int[] {1, 2, 6, 7}) {
            assertThat(SECOND.owesDel(1, new Answer(code, "no"), false)).isFalse();
        }
        for (int code : new int[] {0, 4, 5, 11, 100}) {
            assertThat(SECOND.owesDel(1, new Answer(code, "no"), false)).isTrue();
        }
    }

    @Test
    void wordsOfAFaultThatPassesSayNothingOfTheConfiguration() {
        for (var words :
                new String[] {
                    "",
                    "Get \"https://10.0.0.1/\": dial tcp 10.0.0.1:443: connect: connection refused",
                    "context deadline exceeded",
                    "i/o timeout",
                    "open /run/x: no space left on device",
                    "Unauthorized",
                    "unexpected EOF"
                }) {
            var answer = new Answer(999, words);
            assertThat(new FailedAdd(0, answer).owesDel(0, answer, false)).as(words).isTrue();
        }
    }

    @Test
    void aPlaceBelowTheChainIsRefused() {
        assertThatThrownBy(() -> new FailedAdd(-1, BAD))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
