package io.berth.sandbox.event;

import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The last shown states of pods and containers that are being removed. Events of a pod show a
 * container with its exit code until it is deleted. Nothing is kept of what is gone. Used by the
 * store's thread alone.
 */
final class LastSeen {
    private final Map<ContainerId, Container> containers = new HashMap<>();
    private final Map<SandboxId, PodSandbox> sandboxes = new HashMap<>();

    /** What goes without ever having been shown: its making failed. */
    private final Set<Object> neverShown = new HashSet<>();

    /** What to show of a container with a change of it; nothing if nobody was to know of it. */
    Optional<Container> container(Optional<Container> before, Optional<Container> after) {
        if (after.isPresent()) {
            if (before.isPresent() && removing(after.get()) && !removing(before.get())) {
                remember(before.get());
            }
            return after.map(this::shown);
        }
        var gone = before.orElseThrow();
        var last = Optional.ofNullable(containers.remove(gone.id()));
        return neverShown.remove(gone.id()) || !gone.listed()
                ? Optional.empty()
                : Optional.of(last.orElse(gone));
    }

    private void remember(Container container) {
        if (container.listed()) {
            containers.put(container.id(), container);
        } else {
            neverShown.add(container.id());
        }
    }

    /** A container as it was before its removal began, if it has begun. */
    Container shown(Container container) {
        return containers.getOrDefault(container.id(), container);
    }

    /** What to show of a sandbox with a change of it; nothing if nobody was to know of it. */
    Optional<PodSandbox> sandbox(Optional<PodSandbox> before, Optional<PodSandbox> after) {
        if (after.isPresent()) {
            if (before.isPresent() && removing(after.get()) && !removing(before.get())) {
                remember(before.get());
            }
            return after;
        }
        var gone = before.orElseThrow();
        var last = Optional.ofNullable(sandboxes.remove(gone.id()));
        return neverShown.remove(gone.id()) || !gone.listed()
                ? Optional.empty()
                : Optional.of(last.orElse(gone));
    }

    private void remember(PodSandbox sandbox) {
        if (sandbox.listed()) {
            sandboxes.put(sandbox.id(), sandbox);
        } else {
            neverShown.add(sandbox.id());
        }
    }

    private static boolean removing(Container container) {
        return container.state() instanceof ContainerState.Removing;
    }

    private static boolean removing(PodSandbox sandbox) {
        return sandbox.state() instanceof SandboxState.Removing;
    }
}
