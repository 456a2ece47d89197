package io.berth.sandbox.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.sandbox.container.ContainerEvent.Prepared;
import io.berth.sandbox.container.ContainerEvent.RemoveAsked;
import io.berth.sandbox.container.ContainerEvent.StartFailed;
import io.berth.sandbox.container.ContainerEvent.Started;
import io.berth.sandbox.container.ContainerEvent.StopSignalled;
import io.berth.sandbox.container.ContainerEvent.TaskExit;
import io.berth.sandbox.container.ContainerEvent.TaskLost;
import io.berth.sandbox.container.ContainerState.Created;
import io.berth.sandbox.container.ContainerState.Creating;
import io.berth.sandbox.container.ContainerState.Exited;
import io.berth.sandbox.container.ContainerState.Removing;
import io.berth.sandbox.container.ContainerState.Running;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContainerStateTest {
    private static final Instant THEN = Instant.parse("2026-11-21T10:00:00Z");
    private static final Instant NOW = THEN.plusSeconds(60);

    private static final List<ContainerState> STATES =
            List.of(
                    new Creating(),
                    new Created(),
                    new Running(THEN, 42),
                    new Exited(Optional.of(THEN), THEN, 0, "Completed", ""),
                    new Removing(THEN));
    private static final List<ContainerEvent> EVENTS =
            List.of(
                    new Prepared(NOW, new ContainerUser(0, 0, List.of())),
                    new Started(NOW, 42),
                    new StartFailed(NOW, "no such file"),
                    new StopSignalled(NOW),
                    new TaskExit(NOW, 3, false),
                    new TaskLost(NOW, "its shim is gone"),
                    new RemoveAsked(NOW));

    /** What each state becomes by the events in their order; - is none. */
    private static final Map<Class<?>, String> TABLE =
            Map.of(
                    Creating.class, "Created - - - - - Removing",
                    Created.class, "- Running Exited - Exited Exited Removing",
                    Running.class, "- - - Running Exited Exited Removing",
                    Exited.class, "- Exited Exited Exited Exited Exited Removing",
                    Removing.class, "- Removing Removing Removing Removing Removing Removing");

    @Test
    void everyPairOfStateAndEventHasItsAnswer() {
        int seen = 0;
        for (var state : STATES) {
            var row = TABLE.getOrDefault(state.getClass(), "").split(" ", -1);
            for (int i = 0; i < EVENTS.size(); i++) {
                var event = EVENTS.get(i);
                seen++;
                if (row[i].equals("-")) {
                    assertThatThrownBy(() -> ContainerState.next(state, event))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining(state.word());
                } else {
                    assertThat(ContainerState.next(state, event).getClass().getSimpleName())
                            .as("%s then %s", state, event)
                            .isEqualTo(row[i]);
                }
            }
        }
        assertThat(seen)
                .isEqualTo(
                        ContainerState.class.getPermittedSubclasses().length
                                * ContainerEvent.class.getPermittedSubclasses().length);
    }

    @Test
    void anExitThatOvertakesTheStartKeepsItsCode() {
        var exited = ContainerState.next(new Created(), new TaskExit(NOW, 3, false));
        var late = ContainerState.next(exited, new Started(NOW.plusMillis(5), 42));
        assertThat(late).isEqualTo(new Exited(Optional.of(NOW.plusMillis(5)), NOW, 3, "Error", ""));
    }

    @Test
    void aRemovalKeepsHowTheContainerEnded() {
        var exited = new Exited(Optional.of(THEN), THEN, 7, "Error", "m");
        assertThat(ContainerState.next(exited, new RemoveAsked(NOW)))
                .isEqualTo(new Removing(NOW, Optional.of(exited)));
    }

    @Test
    void theFirstStopSignalIsTheOneThatCounts() {
        var asked = ContainerState.next(new Running(THEN, 42), new StopSignalled(NOW));
        assertThat(asked).isEqualTo(new Running(THEN, 42, Optional.of(NOW)));
        assertThat(ContainerState.next(asked, new StopSignalled(NOW.plusSeconds(1))))
                .isEqualTo(asked);
    }

    @Test
    void reasonsAreTheWordsThatToolsLookFor() {
        var running = new Running(THEN, 42);
        assertThat(reason(running, new TaskExit(NOW, 0, false))).isEqualTo("Completed");
        assertThat(reason(running, new TaskExit(NOW, 1, false))).isEqualTo("Error");
        assertThat(reason(running, new TaskExit(NOW, 137, true))).isEqualTo("OOMKilled");
        assertThat(reason(running, new TaskLost(NOW, "gone"))).isEqualTo("Unknown");
        assertThat(reason(new Created(), new StartFailed(NOW, "no"))).isEqualTo("StartError");
    }

    private static String reason(ContainerState state, ContainerEvent event) {
        return ((Exited) ContainerState.next(state, event)).reason();
    }
}
