package io.berth.sandbox.container;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.berth.sandbox.container.ContainerEvent.Prepared;
import io.berth.sandbox.container.ContainerEvent.RemoveAsked;
import io.berth.sandbox.container.ContainerEvent.StartFailed;
import io.berth.sandbox.container.ContainerEvent.Started;
import io.berth.sandbox.container.ContainerEvent.StopSignalled;
import io.berth.sandbox.container.ContainerEvent.TaskExit;
import io.berth.sandbox.container.ContainerEvent.TaskLost;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a container is in its life. A state holds only what is true in it.
 *
 * <pre>
 * Creating ──Prepared──▶ Created ──Started──▶ Running ──TaskExit, TaskLost──▶ Exited
 *                           └──StartFailed, TaskExit, TaskLost──────────────────▲
 *                              every state ──RemoveAsked──▶ Removing
 * </pre>
 *
 * <p>A Running that takes a StopSignalled stays Running and remembers it; after an end it means
 * nothing any more. The exit can overtake the start: Created takes a TaskExit, and the Started that
 * comes late changes nothing any more.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ContainerState.Creating.class, name = "creating"),
    @JsonSubTypes.Type(value = ContainerState.Created.class, name = "created"),
    @JsonSubTypes.Type(value = ContainerState.Running.class, name = "running"),
    @JsonSubTypes.Type(value = ContainerState.Exited.class, name = "exited"),
    @JsonSubTypes.Type(value = ContainerState.Removing.class, name = "removing")
})
public sealed interface ContainerState {
    /** Exit code when nobody can say the real one, as containerd reports it. */
    int UNKNOWN_EXIT_CODE = 255;

    /** Exit code of a container whose process never ran, as containerd reports it. */
    int START_ERROR_CODE = 128;

    /** Being made; not listed. A crash in this state is rolled back by recovery. */
    record Creating() implements ContainerState {}

    /** Ready to start; none of its code has run. */
    record Created() implements ContainerState {}

    /**
     * Its process runs.
     *
     * @param signalledAt when it was sent its stop signal, if it was
     */
    record Running(Instant startedAt, int pid, Optional<Instant> signalledAt)
            implements ContainerState {
        public Running(Instant startedAt, int pid) {
            this(startedAt, pid, Optional.empty());
        }
    }

    /**
     * Its process has ended, or never ran.
     *
     * @param startedAt absent if it never ran
     * @param reason one word for tools: Completed, Error, OOMKilled, StartError, Unknown
     */
    record Exited(
            Optional<Instant> startedAt,
            Instant finishedAt,
            int code,
            String reason,
            String message)
            implements ContainerState {}

    /**
     * On its way out; listed as exited. A crash in this state is finished by recovery.
     *
     * @param ended how it had ended, if it had run
     */
    record Removing(Instant at, Optional<Exited> ended) implements ContainerState {
        public Removing(Instant at) {
            this(at, Optional.empty());
        }
    }

    /** The word for this state in messages. */
    default String word() {
        return switch (this) {
            case Creating _ -> "being created";
            case Created _ -> "created";
            case Running _ -> "running";
            case Exited _ -> "exited";
            case Removing _ -> "being removed";
        };
    }

    /**
     * The state after an event; throws {@link IllegalStateException} for a pair without meaning.
     */
    static ContainerState next(ContainerState state, ContainerEvent event) {
        return switch (state) {
            case Creating _ ->
                    switch (event) {
                        case Prepared _ -> new Created();
                        case RemoveAsked(var at) -> new Removing(at);
                        case Started _, StartFailed _, StopSignalled _, TaskExit _, TaskLost _ ->
                                throw illegal(state, event);
                    };
            case Created _ ->
                    switch (event) {
                        case Started(var at, var pid) -> new Running(at, pid);
                        case StartFailed(var at, var message) ->
                                new Exited(
                                        Optional.empty(),
                                        at,
                                        START_ERROR_CODE,
                                        "StartError",
                                        message);
                        case TaskExit exit -> exited(Optional.empty(), exit);
                        case TaskLost lost -> exited(Optional.empty(), lost);
                        case RemoveAsked(var at) -> new Removing(at);
                        case Prepared _, StopSignalled _ -> throw illegal(state, event);
                    };
            case Running(var startedAt, var pid, var signalledAt) ->
                    switch (event) {
                        case StopSignalled(var at) ->
                                new Running(startedAt, pid, Optional.of(signalledAt.orElse(at)));
                        case TaskExit exit -> exited(Optional.of(startedAt), exit);
                        case TaskLost lost -> exited(Optional.of(startedAt), lost);
                        case RemoveAsked(var at) -> new Removing(at);
                        case Prepared _, Started _, StartFailed _ -> throw illegal(state, event);
                    };
            case Exited(var startedAt, var finishedAt, var code, var reason, var message) ->
                    switch (event) {
                        case Started(var at, _) ->
                                new Exited(
                                        Optional.of(startedAt.orElse(at)),
                                        finishedAt,
                                        code,
                                        reason,
                                        message);
                        case TaskExit _, TaskLost _, StartFailed _, StopSignalled _ -> state;
                        case RemoveAsked(var at) ->
                                new Removing(
                                        at,
                                        Optional.of(
                                                new Exited(
                                                        startedAt,
                                                        finishedAt,
                                                        code,
                                                        reason,
                                                        message)));
                        case Prepared _ -> throw illegal(state, event);
                    };
            case Removing _ ->
                    switch (event) {
                        case Started _,
                                StartFailed _,
                                StopSignalled _,
                                TaskExit _,
                                TaskLost _,
                                RemoveAsked _ ->
                                state;
                        case Prepared _ -> throw illegal(state, event);
                    };
        };
    }

    private static Exited exited(Optional<Instant> startedAt, TaskExit exit) {
        var reason = exit.oomKilled() ? "OOMKilled" : exit.code() == 0 ? "Completed" : "Error";
        return new Exited(startedAt, exit.at(), exit.code(), reason, "");
    }

    private static Exited exited(Optional<Instant> startedAt, TaskLost lost) {
        return new Exited(startedAt, lost.at(), UNKNOWN_EXIT_CODE, "Unknown", lost.cause());
    }

    private static IllegalStateException illegal(ContainerState state, ContainerEvent event) {
        return new IllegalStateException("container that is %s: %s".formatted(state.word(), event));
    }
}
