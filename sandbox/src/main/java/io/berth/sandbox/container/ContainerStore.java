package io.berth.sandbox.container;

import io.berth.sandbox.record.RecordStore;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Family;
import io.berth.storage.metadata.Metadata;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** All containers, under the promises of {@link RecordStore}. */
public final class ContainerStore {
    private static final Family<Container.Stored> FAMILY =
            new Family<>("containers", 1, Container.Stored.class);

    private final RecordStore<ContainerId, Container, Container.Stored> records;

    private ContainerStore(RecordStore<ContainerId, Container, Container.Stored> records) {
        this.records = records;
    }

    /** Reads every record. Throws when one does not parse, naming it. */
    public static ContainerStore open(Metadata metadata) {
        return new ContainerStore(
                RecordStore.open(
                        metadata, FAMILY, Container::id, Container::stored, Container::of));
    }

    /** Every container, also those being created or removed. */
    public Collection<Container> all() {
        return records.view().values();
    }

    public Optional<Container> find(ContainerId id) {
        return records.find(id);
    }

    /** The containers of one sandbox, in whatever state. */
    public List<Container> of(SandboxId sandbox) {
        return all().stream().filter(c -> c.sandbox().equals(sandbox)).toList();
    }

    /** The container that holds a name, if one does. */
    public Optional<Container> holder(ContainerName name) {
        return all().stream().filter(c -> c.name().equals(name)).findFirst();
    }

    /** Adds a container, with whatever else must become durable in the same moment. */
    public void add(Container container, Consumer<Batch> also) {
        records.add(container, also);
    }

    /** Applies an event; returns the container after it, or nothing if it is gone. */
    public Optional<Container> apply(ContainerId id, ContainerEvent event) {
        return apply(id, event, _ -> {});
    }

    /** Applies an event, with whatever else must become durable in the same moment. */
    public Optional<Container> apply(ContainerId id, ContainerEvent event, Consumer<Batch> also) {
        return records.update(id, container -> container.after(event), also);
    }

    /** Forgets a container, with whatever else must go in the same moment. */
    public void remove(ContainerId id, Consumer<Batch> also) {
        records.remove(id, also);
    }
}
