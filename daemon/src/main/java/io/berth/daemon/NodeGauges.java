package io.berth.daemon;

import io.berth.daemon.metrics.Metrics;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.sandbox.event.PodEvents;
import io.berth.sandbox.logs.ContainerLogs;
import io.berth.sandbox.operation.Node;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.storage.metadata.Ledger;
import io.berth.streaming.StreamServer;
import io.micrometer.core.instrument.Tags;

/** The numbers of pods, containers and ledger entries, read from memory at each scrape. */
final class NodeGauges {
    private NodeGauges() {}

    static void register(Metrics metrics, Node node, Ledger ledger) {
        metrics.gauge(
                "berth.sandboxes",
                "Sandboxes that are listed",
                Tags.of("ready", "true"),
                node,
                each -> each.sandboxes().all().stream().filter(s -> s.ready()).count());
        metrics.gauge(
                "berth.sandboxes",
                "Sandboxes that are listed",
                Tags.of("ready", "false"),
                node,
                each ->
                        each.sandboxes().all().stream()
                                .filter(s -> s.listed() && !s.ready())
                                .count());
        for (var word : new String[] {"created", "running", "exited"}) {
            metrics.gauge(
                    "berth.containers",
                    "Containers by state",
                    Tags.of("state", word),
                    node,
                    each ->
                            each.containers().all().stream()
                                    .filter(c -> c.state().word().equals(word))
                                    .count());
        }
        for (var kind : ResourceKind.values()) {
            metrics.gauge(
                    "berth.ledger.entries",
                    "Things outside the store, by kind",
                    Tags.of("kind", kind.word()),
                    ledger,
                    each ->
                            each.entries().stream()
                                    .filter(e -> e.kind().equals(kind.word()))
                                    .count());
        }
        metrics.gauge(
                "berth.adoptions.left",
                "Sandboxes that recovery still works on",
                Tags.empty(),
                node,
                each -> each.adoptions().left());
    }

    static void register(Metrics metrics, MemoryBudget memory) {
        for (var kind : ForeignKind.values()) {
            metrics.gauge(
                    "berth.foreign.memory.bytes",
                    "Bytes from outside that are in memory, by kind",
                    Tags.of("kind", kind.word()),
                    memory,
                    each -> each.held(kind));
            metrics.gauge(
                    "berth.foreign.memory.limit.bytes",
                    "How many bytes from outside may be in memory, by kind",
                    Tags.of("kind", kind.word()),
                    memory,
                    each -> each.limit(kind));
            metrics.counter(
                    "berth.foreign.memory.refusals",
                    "Times that there was no room in memory, by kind",
                    Tags.of("kind", kind.word()),
                    memory,
                    each -> each.refusals(kind));
        }
    }

    static void register(Metrics metrics, StreamServer streams) {
        metrics.gauge(
                "berth.stream.clients",
                "Clients of exec, attach and port-forward that are connected",
                Tags.empty(),
                streams,
                StreamServer::connections);
        metrics.gauge(
                "berth.stream.work",
                "Commands, attachments and forwarded connections that are served or cleared up",
                Tags.empty(),
                streams,
                StreamServer::working);
    }

    static void register(Metrics metrics, ContainerLogs logs) {
        metrics.counter(
                "berth.log.writers.replaced",
                "Log writers of containers that were killed and replaced",
                Tags.empty(),
                logs,
                ContainerLogs::replaced);
    }

    static void register(Metrics metrics, PodEvents events) {
        metrics.counter(
                "berth.events.dropped",
                "Events of pods and containers that a reader was not told",
                Tags.empty(),
                events,
                PodEvents::dropped);
        metrics.counter(
                "berth.event.readers.dropped",
                "Readers of events that did not keep up and were given up",
                Tags.empty(),
                events,
                PodEvents::readersDropped);
        metrics.counter(
                "containerd.cri.container.events.dropped",
                "The same as berth_events_dropped_total, under containerd's name",
                Tags.empty(),
                events,
                PodEvents::dropped);
    }
}
