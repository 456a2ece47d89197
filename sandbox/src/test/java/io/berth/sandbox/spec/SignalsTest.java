package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.Signal;
import io.berth.sandbox.SandboxException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignalsTest {
    @Test
    void knowsASignalByItsNameAndItsNumber() {
        for (var name : List.of("SIGTERM", "TERM", "sigterm", "15", "SIGNAL_SIGTERM")) {
            assertThat(Signals.number(name)).as(name).isEqualTo(15);
        }
        assertThat(Signals.number("SIGWINCH")).isEqualTo(28);
        assertThat(Signals.number("64")).isEqualTo(64);
    }

    @Test
    void countsRealTimeSignalsFromBothEnds() {
        assertThat(Signals.number("SIGRTMIN")).isEqualTo(34);
        assertThat(Signals.number("SIGRTMIN+3")).isEqualTo(37);
        assertThat(Signals.number("SIGNAL_SIGRTMINPLUS3")).isEqualTo(37);
        assertThat(Signals.number("RTMAX-14")).isEqualTo(50);
        assertThat(Signals.number("SIGRTMAXMINUS14")).isEqualTo(50);
        assertThat(Signals.number("SIGRTMAX")).isEqualTo(64);
    }

    @Test
    void knowsEverySignalOfTheProtocol() {
        for (var signal : Signal.values()) {
            if (signal != Signal.UNRECOGNIZED && signal.getNumber() != 0) {
                assertThat(Signals.number(signal.name())).as(signal.name()).isBetween(1, 64);
            }
        }
    }

    @Test
    void refusesWhatIsNone() {
        for (var name :
                List.of("", "0", "65", "SIGFOO", "SIGRTMIN+31", "SIGRTMIN-1", "SIGRTMAX+1", "-9")) {
            assertThatThrownBy(() -> Signals.number(name))
                    .as(name)
                    .isInstanceOf(SandboxException.InvalidRequest.class)
                    .hasMessageContaining("'" + name + "'");
        }
    }
}
