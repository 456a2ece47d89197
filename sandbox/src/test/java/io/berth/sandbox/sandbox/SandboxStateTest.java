package io.berth.sandbox.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.sandbox.sandbox.SandboxEvent.Died;
import io.berth.sandbox.sandbox.SandboxEvent.Released;
import io.berth.sandbox.sandbox.SandboxEvent.RemoveAsked;
import io.berth.sandbox.sandbox.SandboxEvent.Started;
import io.berth.sandbox.sandbox.SandboxEvent.StopAsked;
import io.berth.sandbox.sandbox.SandboxState.Creating;
import io.berth.sandbox.sandbox.SandboxState.NotReady;
import io.berth.sandbox.sandbox.SandboxState.Ready;
import io.berth.sandbox.sandbox.SandboxState.Removing;
import io.berth.sandbox.sandbox.SandboxState.Stopped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SandboxStateTest {
    private static final Instant THEN = Instant.parse("2026-11-21T10:00:00Z");
    private static final Instant NOW = THEN.plusSeconds(60);

    private static final List<SandboxState> STATES =
            List.of(
                    new Creating(),
                    new Ready(THEN, 42),
                    new NotReady(THEN, "its shim is gone"),
                    new Stopped(THEN, "stopped"),
                    new Removing(THEN));
    private static final List<SandboxEvent> EVENTS =
            List.of(
                    new Started(NOW, 42),
                    new Died(NOW, "gone"),
                    new StopAsked(NOW),
                    new Released(NOW),
                    new RemoveAsked(NOW));

    /** What each state becomes by Started, Died, StopAsked, Released and RemoveAsked; - is none. */
    private static final Map<Class<?>, String> TABLE =
            Map.of(
                    Creating.class, "Ready NotReady NotReady - Removing",
                    Ready.class, "- NotReady NotReady - Removing",
                    NotReady.class, "- NotReady NotReady Stopped Removing",
                    Stopped.class, "- Stopped Stopped Stopped Removing",
                    Removing.class, "- Removing Removing Removing Removing");

    @Test
    void everyPairOfStateAndEventHasItsAnswer() {
        int seen = 0;
        for (var state : STATES) {
            var row = TABLE.getOrDefault(state.getClass(), "").split(" ", -1);
            for (int i = 0; i < EVENTS.size(); i++) {
                var event = EVENTS.get(i);
                seen++;
                if (row[i].equals("-")) {
                    assertThatThrownBy(() -> SandboxState.next(state, event))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining(state.word());
                } else {
                    assertThat(SandboxState.next(state, event).getClass().getSimpleName())
                            .as("%s then %s", state, event)
                            .isEqualTo(row[i]);
                }
            }
        }
        assertThat(seen)
                .isEqualTo(
                        SandboxState.class.getPermittedSubclasses().length
                                * SandboxEvent.class.getPermittedSubclasses().length);
    }

    @Test
    void theFirstReasonForNotBeingReadyIsKept() {
        var died = SandboxState.next(new Ready(THEN, 42), new Died(NOW, "its shim is gone"));
        var stopped = SandboxState.next(died, new StopAsked(NOW.plusSeconds(1)));
        assertThat(SandboxState.next(stopped, new Released(NOW.plusSeconds(2))))
                .isEqualTo(new Stopped(NOW.plusSeconds(2), "its shim is gone"));
    }
}
