package io.berth.sandbox.sandbox;

import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.sandbox.record.RecordForm;
import io.berth.sandbox.record.RecordStore;
import io.berth.sandbox.wire.KeptMessages;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Family;
import io.berth.storage.metadata.Metadata;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** All sandboxes, under the promises of {@link RecordStore}; their requests are on disk alone. */
public final class SandboxStore {
    /** The family of the requests' configs, by sandbox. */
    static final String REQUESTS = "sandbox-requests";

    private static final Family<PodSandbox.Stored> FAMILY =
            new Family<>("sandboxes", 2, PodSandbox.Stored.class, List.of(new RequestKept()));

    /** Names, ids, times and addresses of a sandbox. */
    private static final long OWN_BYTES = 2048;

    private final RecordStore<SandboxId, PodSandbox, PodSandbox.Stored> records;

    private SandboxStore(RecordStore<SandboxId, PodSandbox, PodSandbox.Stored> records) {
        this.records = records;
    }

    /** Reads every record. Throws when one does not parse, naming it. */
    public static SandboxStore open(Metadata metadata, MemoryBudget budget) {
        var requests = new KeptMessages<>(metadata, REQUESTS, PodSandboxConfig.parser());
        return new SandboxStore(RecordStore.open(metadata, FAMILY, new Form(requests), budget));
    }

    /** As the other, with a budget of its own. */
    public static SandboxStore open(Metadata metadata) {
        return open(metadata, MemoryBudget.ofThisHeap());
    }

    private record Form(KeptMessages<PodSandboxConfig> requests)
            implements RecordForm<SandboxId, PodSandbox, PodSandbox.Stored> {
        @Override
        public SandboxId key(PodSandbox sandbox) {
            return sandbox.id();
        }

        @Override
        public PodSandbox.Stored stored(PodSandbox sandbox) {
            return sandbox.stored();
        }

        @Override
        public PodSandbox of(PodSandbox.Stored stored) {
            return PodSandbox.of(stored, requests);
        }

        @Override
        public long weight(PodSandbox sandbox) {
            return OWN_BYTES + sandbox.outline().weight();
        }

        @Override
        public PodSandbox slim(PodSandbox sandbox) {
            return sandbox.slim();
        }

        @Override
        public PodSandbox keep(PodSandbox sandbox, Batch batch) {
            var id = sandbox.id().value();
            return sandbox.with(sandbox.request().keep(requests, id, batch));
        }

        @Override
        public void forget(SandboxId id, Batch batch) {
            requests.delete(batch, id.value());
        }
    }

    /** Sets the one who is told of every change, on the terms of {@link RecordStore.Listener}. */
    public void onChange(RecordStore.Listener<PodSandbox> told) {
        records.onChange(told);
    }

    /** Every sandbox, also those being created or removed. */
    public Collection<PodSandbox> all() {
        return records.view().values();
    }

    public Optional<PodSandbox> find(SandboxId id) {
        return records.find(id);
    }

    /** The sandbox that holds a name, if one does. */
    public Optional<PodSandbox> holder(SandboxName name) {
        return all().stream().filter(s -> s.name().equals(name)).findFirst();
    }

    /**
     * When a sandbox that is made now is created: later than every other, also after the clock was
     * set back. Of a pod's sandboxes the kubelet takes the latest for the one that counts.
     */
    public Instant creationTime(Instant now) {
        return all().stream()
                .map(other -> other.createdAt().plusNanos(1))
                .filter(now::isBefore)
                .max(Comparator.naturalOrder())
                .orElse(now);
    }

    /** Adds a sandbox, with whatever else must become durable in the same moment. */
    public void add(PodSandbox sandbox, Consumer<Batch> also) {
        records.add(sandbox, also);
    }

    /** Applies an event; returns the sandbox after it, or nothing if it is gone. */
    public Optional<PodSandbox> apply(SandboxId id, SandboxEvent event) {
        return records.update(id, sandbox -> sandbox.after(event), _ -> {});
    }

    /** Applies an event, with whatever else must become durable in the same moment. */
    public Optional<PodSandbox> apply(SandboxId id, SandboxEvent event, Consumer<Batch> also) {
        return records.update(id, sandbox -> sandbox.after(event), also);
    }

    /** Makes a sandbox ready, with its addresses. */
    public Optional<PodSandbox> started(
            SandboxId id, SandboxEvent.Started event, List<String> ips) {
        return records.update(id, sandbox -> sandbox.withIps(ips).after(event), _ -> {});
    }

    /** Gives a sandbox another overhead and another sum; nothing if it is gone. */
    public Optional<PodSandbox> resize(
            SandboxId id, LinuxContainerResources overhead, LinuxContainerResources resources) {
        return records.update(id, sandbox -> sandbox.withResources(overhead, resources), _ -> {});
    }

    /** Forgets a sandbox, with whatever else must go in the same moment. */
    public void remove(SandboxId id, Consumer<Batch> also) {
        records.remove(id, also);
    }
}
