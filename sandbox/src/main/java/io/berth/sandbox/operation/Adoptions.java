package io.berth.sandbox.operation;

import io.berth.sandbox.sandbox.SandboxId;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which sandboxes recovery still works on. An operation on a sandbox waits for that one alone;
 * lists wait for none.
 */
public final class Adoptions {
    private final Map<SandboxId, CompletableFuture<Void>> open = new ConcurrentHashMap<>();

    /** Recovery takes a sandbox: operations on it wait from now on. */
    public void begin(SandboxId id) {
        open.put(id, new CompletableFuture<>());
    }

    /** Recovery is through with a sandbox, well or badly. */
    public void end(SandboxId id) {
        var waiting = open.remove(id);
        if (waiting != null) {
            waiting.complete(null);
        }
    }

    /** Waits until recovery is through with a sandbox. */
    public void await(SandboxId id) {
        var waiting = open.get(id);
        if (waiting != null) {
            Operations.stage("recovery");
            waiting.join();
        }
    }

    /** How many sandboxes recovery still works on. */
    public int left() {
        return open.size();
    }
}
