package io.berth.sandbox.container;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.sandbox.record.RecordForm;
import io.berth.sandbox.record.RecordStore;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.wire.KeptMessages;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Family;
import io.berth.storage.metadata.Metadata;
import io.berth.storage.metadata.Table;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** All containers, under the promises of {@link RecordStore}; their requests are on disk alone. */
public final class ContainerStore {
    /** The family of the requests' configs, by container. */
    static final String REQUESTS = "container-requests";

    private static final Family<Container.Stored> FAMILY =
            new Family<>(
                    "containers",
                    5,
                    Container.Stored.class,
                    List.of(new SignalledAt(), new EndKept(), new Restored(), new RequestKept()));
    private static final Family<ResourceUpdate.Stored> UPDATES =
            new Family<>("container-updates", 1, ResourceUpdate.Stored.class);

    /** Names, ids, times and paths of a container. */
    private static final long OWN_BYTES = 2048;

    private final RecordStore<ContainerId, Container, Container.Stored> records;
    private final Metadata metadata;
    private final Table<ResourceUpdate.Stored> updates;

    private ContainerStore(
            RecordStore<ContainerId, Container, Container.Stored> records, Metadata metadata) {
        this.records = records;
        this.metadata = metadata;
        this.updates = metadata.table(UPDATES);
    }

    /** Reads every record. Throws when one does not parse, naming it. */
    public static ContainerStore open(Metadata metadata, MemoryBudget budget) {
        var requests = new KeptMessages<>(metadata, REQUESTS, ContainerConfig.parser());
        return new ContainerStore(
                RecordStore.open(metadata, FAMILY, new Form(requests), budget), metadata);
    }

    /** As the other, with a budget of its own. */
    public static ContainerStore open(Metadata metadata) {
        return open(metadata, MemoryBudget.ofThisHeap());
    }

    private record Form(KeptMessages<ContainerConfig> requests)
            implements RecordForm<ContainerId, Container, Container.Stored> {
        @Override
        public ContainerId key(Container container) {
            return container.id();
        }

        @Override
        public Container.Stored stored(Container container) {
            return container.stored();
        }

        @Override
        public Container of(Container.Stored stored) {
            return Container.of(stored, requests);
        }

        @Override
        public long weight(Container container) {
            return OWN_BYTES + container.outline().weight();
        }

        @Override
        public Container slim(Container container) {
            return container.slim();
        }

        @Override
        public Container keep(Container container, Batch batch) {
            var id = container.id().value();
            return container.with(container.request().keep(requests, id, batch));
        }

        @Override
        public void forget(ContainerId id, Batch batch) {
            requests.delete(batch, id.value());
        }
    }

    /** Sets the one who is told of every change, on the terms of {@link RecordStore.Listener}. */
    public void onChange(RecordStore.Listener<Container> told) {
        records.onChange(told);
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

    /**
     * When a container that is made now in a sandbox is created: later than every other of it, also
     * after the clock was set back. The kubelet tells a container's attempts apart by that.
     */
    public Instant creationTime(SandboxId sandbox, Instant now) {
        return of(sandbox).stream()
                .map(other -> other.createdAt().plusNanos(1))
                .filter(now::isBefore)
                .max(Comparator.naturalOrder())
                .orElse(now);
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

    /** Makes something durable that belongs to a container, whose record stays as it is. */
    public void with(ContainerId id, Consumer<Batch> also) {
        var _ = records.update(id, container -> container, also);
    }

    /** Puts a container that is being made in the place of what was known of it. */
    public void complete(Container container, Consumer<Batch> also) {
        var _ = records.update(container.id(), _ -> container, also);
    }

    /** Writes down that a container's limits are about to change: a crash may cut it. */
    public void beginUpdate(ContainerId id, ResourceUpdate update) {
        metadata.commit(new Batch().grows().put(updates, id.value(), update.stored()));
    }

    /** The change of limits that was begun, and of which neither end is known. */
    public Optional<ResourceUpdate> updateUnderWay(ContainerId id) {
        return updates.get(id.value()).map(stored -> ResourceUpdate.of(id.value(), stored));
    }

    /** The change was made: the record has the new limits. */
    public void finishUpdate(ContainerId id, LinuxContainerResources resources) {
        var _ =
                records.update(
                        id,
                        container -> container.withResources(resources),
                        batch -> batch.delete(updates, id.value()));
    }

    /** The change was not made: the record keeps the old limits. */
    public void dropUpdate(ContainerId id) {
        metadata.commit(new Batch().delete(updates, id.value()));
    }

    /** Forgets a container, with whatever else must go in the same moment. */
    public void remove(ContainerId id, Consumer<Batch> also) {
        records.remove(id, also.andThen(batch -> batch.delete(updates, id.value())));
    }
}
