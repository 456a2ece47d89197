package io.berth.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TokensTest {
    private static final StreamRequest REQUEST = new StreamRequest.PortForward("pod", List.of(80));

    /** A clock that a test sets. */
    private static final class HandClock extends Clock {
        private Instant now = Instant.EPOCH;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    private final HandClock clock = new HandClock();
    private final Tokens tokens = new Tokens(clock);

    @Test
    void aTokenIsTakenOnce() {
        var token = tokens.add(REQUEST);
        assertThat(tokens.take("portforward", token)).contains(REQUEST);
        assertThat(tokens.take("portforward", token)).isEmpty();
    }

    @Test
    void aTokenIsForOneKindOfRequest() {
        assertThat(tokens.take("exec", tokens.add(REQUEST))).isEmpty();
    }

    @Test
    void aTokenEndsAfterAMinute() {
        var old = tokens.add(REQUEST);
        clock.now = clock.now.plus(Duration.ofSeconds(59));
        var young = tokens.add(REQUEST);
        clock.now = clock.now.plus(Duration.ofSeconds(1));
        assertThat(tokens.take("portforward", old)).isEmpty();
        assertThat(tokens.take("portforward", young)).contains(REQUEST);
    }

    @Test
    void oldOnesMakeRoom() {
        for (int i = 0; i < StreamSettings.TOKENS; i++) {
            tokens.add(REQUEST);
        }
        clock.now = clock.now.plus(Duration.ofMinutes(1));
        assertThat(tokens.take("portforward", tokens.add(REQUEST))).isPresent();
    }
}
