package io.berth.sandbox.operation;

import io.berth.sandbox.container.Container;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** The containers that lists tell of, the oldest first, from memory. */
record ListedContainers(Node node) {
    /** Those that ids beginning so and labels let through, as of now. */
    Stream<Container> of(String id, String podSandboxId, Map<String, String> labels) {
        return node.containers().all().stream()
                .filter(Container::listed)
                .filter(container -> container.id().value().startsWith(id))
                .filter(container -> container.sandbox().value().startsWith(podSandboxId))
                .filter(c -> LabelSelector.selects(labels, c::labels))
                .sorted(Comparator.comparing(Container::createdAt));
    }
}
