package io.berth.sandbox.operation;

import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import java.time.Instant;

/** A name that something has already, and cannot be given again. */
record HeldName(String kind, String name, String holder, String state, Instant since) {
    static HeldName of(PodSandbox holder) {
        return new HeldName(
                "sandbox",
                holder.name().value(),
                holder.id().value(),
                holder.state().word(),
                holder.createdAt());
    }

    static HeldName of(Container holder) {
        return new HeldName(
                "container",
                holder.name().value(),
                holder.id().value(),
                holder.state().word(),
                holder.createdAt());
    }

    /** What the caller is told, whose request is that of the holder or another one. */
    SandboxException.AlreadyExists refusal(boolean sameRequest) {
        return new SandboxException.AlreadyExists(
                "%s name %s: held by %s, which is %s since its creation at %s%s"
                        .formatted(
                                kind,
                                name,
                                holder,
                                state,
                                since,
                                sameRequest ? "" : " and was asked for differently"));
    }
}
