package io.berth.sandbox.operation;

import io.berth.sandbox.sandbox.SandboxId;
import java.io.IOException;

/** Runs what ends sandboxes, each in its sandbox's turn. */
record SandboxTurn(Node node) {
    /** What is done to a sandbox while nothing else changes it. */
    @FunctionalInterface
    interface Work {
        void run(SandboxId id) throws IOException;
    }

    /**
     * Runs work as an operation of the sandbox of an id, once it is adopted. A sandbox that is gone
     * has ended, as the proto wants it.
     */
    void run(String verb, String podSandboxId, Work work) {
        var found = node.knownSandbox(podSandboxId);
        if (found.isEmpty()) {
            return;
        }
        var id = found.get().id();
        node.operations()
                .run(
                        new OperationKey(verb, id.value()),
                        "",
                        () -> {
                            node.adoptions().await(id);
                            return node.operations()
                                    .exclusively(
                                            id.value(),
                                            () -> {
                                                work.run(id);
                                                return true;
                                            });
                        });
    }
}
