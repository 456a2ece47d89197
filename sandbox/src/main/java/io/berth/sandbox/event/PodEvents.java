package io.berth.sandbox.event;

import io.berth.cri.v1.ContainerEventType;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerStore;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * Tells readers what happens to pods and containers, in the order in which it became durable.
 *
 * <p>While nobody reads, the last {@link #HELD} events of the last five minutes are held for the
 * first reader, as containerd holds them: a kubelet that comes back after the daemon was restarted
 * learns what recovery found. What is held longer, overflows, or is not read fast enough is dropped
 * and counted.
 */
public final class PodEvents implements AutoCloseable {
    /** How many events are held at most while nobody reads. */
    static final int HELD = 1024;

    private static final long HELD_NANOS = Duration.ofMinutes(5).toNanos();

    private final SandboxStore sandboxes;
    private final ContainerStore containers;
    private final Clock clock;
    private final LongAdder dropped = new LongAdder();
    private final LongAdder readersDropped = new LongAdder();
    private final LastSeen lastSeen = new LastSeen();
    private final ArrayDeque<PodEvent> held = new ArrayDeque<>();
    private final Set<EventReader> readers = new HashSet<>();
    private boolean closed;
    private long lastNanos;

    public PodEvents(SandboxStore sandboxes, ContainerStore containers, Clock clock) {
        this.sandboxes = sandboxes;
        this.containers = containers;
        this.clock = clock;
    }

    /** Begins to listen to the stores. */
    public void start() {
        sandboxes.onChange(this::sandbox);
        containers.onChange(this::container);
    }

    /** A new reader, of everything from now on and of what was held for the first one. */
    public synchronized EventReader read() {
        var reader = new EventReader(this::left);
        if (closed) {
            reader.close();
            return reader;
        }
        if (readers.isEmpty()) {
            dropAged(nanos());
            held.forEach(reader::offer);
            held.clear();
        }
        readers.add(reader);
        return reader;
    }

    /** How many events no reader has been told, or one has not. */
    public long dropped() {
        return dropped.sum();
    }

    /** How many readers were given up because they did not keep up. */
    public long readersDropped() {
        return readersDropped.sum();
    }

    /** Ends every reader; later ones end at once. */
    @Override
    public void close() {
        List<EventReader> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(readers);
        }
        all.forEach(EventReader::close);
    }

    private synchronized void left(EventReader reader) {
        readers.remove(reader);
    }

    private void sandbox(Optional<PodSandbox> before, Optional<PodSandbox> after) {
        var types = Transitions.ofSandbox(before, after);
        var shown = lastSeen.sandbox(before, after);
        if (shown.isEmpty()) {
            return;
        }
        for (var type : types) {
            var pod = shown.get();
            publish(type, pod.id().value(), pod);
        }
    }

    private void container(Optional<Container> before, Optional<Container> after) {
        var types = Transitions.ofContainer(before, after);
        var shown = lastSeen.container(before, after);
        if (shown.isEmpty()) {
            return;
        }
        for (var type : types) {
            var container = shown.get();
            var pod = sandboxes.find(container.sandbox());
            pod.ifPresent(found -> publish(type, container.id().value(), found));
        }
    }

    /** The containers of a pod that are in the store; a container that is deleted no longer is. */
    private List<Container> listed(SandboxId pod) {
        return containers.of(pod).stream()
                .filter(Container::listed)
                .map(lastSeen::shown)
                .sorted(Comparator.comparing(Container::createdAt))
                .toList();
    }

    private synchronized void publish(ContainerEventType type, String subject, PodSandbox pod) {
        lastNanos = Math.max(lastNanos + 1, nanos());
        var event = new PodEvent(type, subject, lastNanos, pod, listed(pod.id()));
        if (readers.isEmpty()) {
            hold(event);
            return;
        }
        for (var reader : readers) {
            int lost = reader.offer(event);
            dropped.add(lost);
            readersDropped.add(lost > 0 ? 1 : 0);
        }
        readers.removeIf(EventReader::ended);
    }

    private void hold(PodEvent event) {
        dropAged(event.atNanos());
        if (held.size() >= HELD) {
            held.remove();
            dropped.increment();
        }
        held.add(event);
    }

    private void dropAged(long now) {
        while (!held.isEmpty() && held.element().atNanos() < now - HELD_NANOS) {
            held.remove();
            dropped.increment();
        }
    }

    private long nanos() {
        return CriTime.nanos(clock.instant());
    }
}
