package io.berth.sandbox.sandbox;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;

/**
 * Where a sandbox is in its life. A state holds only what is true in it.
 *
 * <pre>
 * Creating ──Started──▶ Ready ──Died, StopAsked──▶ NotReady ──Released──▶ Stopped
 *     └──Died, StopAsked──────────────────────────────▲                      │
 *                     every state ──RemoveAsked──▶ Removing ◀────────────────┘
 * </pre>
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SandboxState.Creating.class, name = "creating"),
    @JsonSubTypes.Type(value = SandboxState.Ready.class, name = "ready"),
    @JsonSubTypes.Type(value = SandboxState.NotReady.class, name = "not-ready"),
    @JsonSubTypes.Type(value = SandboxState.Stopped.class, name = "stopped"),
    @JsonSubTypes.Type(value = SandboxState.Removing.class, name = "removing")
})
public sealed interface SandboxState {
    /** The reason of a sandbox that the kubelet wants stopped. */
    String STOP_ASKED = "stopped";

    /** Being made; not listed. A crash in this state is rolled back by recovery. */
    record Creating() implements SandboxState {}

    /**
     * Its namespaces and its shim stand.
     *
     * @param pid the pause process, in the host's pid namespace
     */
    record Ready(Instant readyAt, int pid) implements SandboxState {}

    /** No longer usable, but some of what it was made of may remain. */
    record NotReady(Instant at, String reason) implements SandboxState {
        /** Whether it was asked to stop, and did not end by itself. */
        public boolean stopping() {
            return reason.equals(STOP_ASKED);
        }
    }

    /** Nothing of it remains but its record and its folder. */
    record Stopped(Instant at, String reason) implements SandboxState {}

    /** On its way out; listed as not ready. A crash in this state is finished by recovery. */
    record Removing(Instant at) implements SandboxState {}

    /** The word for this state in messages. */
    default String word() {
        return switch (this) {
            case Creating _ -> "being created";
            case Ready _ -> "ready";
            case NotReady _ -> "not ready";
            case Stopped _ -> "stopped";
            case Removing _ -> "being removed";
        };
    }

    /**
     * The state after an event; throws {@link IllegalStateException} for a pair without meaning.
     */
    static SandboxState next(SandboxState state, SandboxEvent event) {
        return switch (state) {
            case Creating _ ->
                    switch (event) {
                        case SandboxEvent.Started(var at, var pid) -> new Ready(at, pid);
                        case SandboxEvent.Died(var at, var cause) -> new NotReady(at, cause);
                        case SandboxEvent.StopAsked(var at) -> new NotReady(at, STOP_ASKED);
                        case SandboxEvent.Released _ -> throw illegal(state, event);
                        case SandboxEvent.RemoveAsked(var at) -> new Removing(at);
                    };
            case Ready _ ->
                    switch (event) {
                        case SandboxEvent.Started _ -> throw illegal(state, event);
                        case SandboxEvent.Died(var at, var cause) -> new NotReady(at, cause);
                        case SandboxEvent.StopAsked(var at) -> new NotReady(at, STOP_ASKED);
                        case SandboxEvent.Released _ -> throw illegal(state, event);
                        case SandboxEvent.RemoveAsked(var at) -> new Removing(at);
                    };
            case NotReady(_, var reason) ->
                    switch (event) {
                        case SandboxEvent.Started _ -> throw illegal(state, event);
                        case SandboxEvent.Died _, SandboxEvent.StopAsked _ -> state;
                        case SandboxEvent.Released(var at) -> new Stopped(at, reason);
                        case SandboxEvent.RemoveAsked(var at) -> new Removing(at);
                    };
            case Stopped _ ->
                    switch (event) {
                        case SandboxEvent.Started _ -> throw illegal(state, event);
                        case SandboxEvent.Died _,
                                SandboxEvent.StopAsked _,
                                SandboxEvent.Released _ ->
                                state;
                        case SandboxEvent.RemoveAsked(var at) -> new Removing(at);
                    };
            case Removing _ ->
                    switch (event) {
                        case SandboxEvent.Started _ -> throw illegal(state, event);
                        case SandboxEvent.Died _,
                                SandboxEvent.StopAsked _,
                                SandboxEvent.Released _,
                                SandboxEvent.RemoveAsked _ ->
                                state;
                    };
        };
    }

    private static IllegalStateException illegal(SandboxState state, SandboxEvent event) {
        return new IllegalStateException("sandbox that is %s: %s".formatted(state.word(), event));
    }
}
