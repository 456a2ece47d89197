package io.berth.sandbox.stats;

import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.storage.snapshot.SnapshotException;
import io.berth.storage.snapshot.Usage;
import java.lang.System.Logger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What containers have written over their images. To count it a tree is walked, which takes time:
 * so it is done in the background, each layer again after a hundred times as long as its last walk
 * took, and one that nobody writes to any more once.
 */
public final class LayerUsages {
    private static final Logger LOG = System.getLogger(LayerUsages.class.getName());
    private static final Duration LEAST = Duration.ofSeconds(10);
    private static final int SHARE = 100;

    /** How long one round walks; what is due then waits for the next. */
    private static final Duration ROUND = Duration.ofSeconds(1);

    private final Function<String, Usage> walk;
    private final Clock clock;
    private final Map<ContainerId, Sample> samples = new ConcurrentHashMap<>();

    /**
     * What was counted.
     *
     * @param at when
     */
    public record Sample(Usage usage, Instant at, Instant due) {}

    /**
     * @param walk counts what a container's snapshot holds
     */
    public LayerUsages(Function<String, Usage> walk, Clock clock) {
        this.walk = walk;
        this.clock = clock;
    }

    /** The last count; the first one is made now. Absent if there is nothing to count any more. */
    public Optional<Sample> of(Container container) {
        var known = samples.get(container.id());
        return known != null ? Optional.of(known) : count(container);
    }

    /** Counts those of {@code all} that are due, and forgets what is not among them. */
    void refresh(Collection<Container> all) {
        var ids = all.stream().map(Container::id).collect(Collectors.toSet());
        samples.keySet().retainAll(ids);
        var until = clock.instant().plus(ROUND);
        for (var container : all) {
            var known = samples.get(container.id());
            if (clock.instant().isAfter(until)) {
                return;
            }
            if (known == null || !known.due().isAfter(clock.instant())) {
                var _ = count(container);
            }
        }
    }

    private Optional<Sample> count(Container container) {
        var began = clock.instant();
        Usage usage;
        try {
            usage = walk.apply(container.id().value());
        } catch (SnapshotException gone) {
            LOG.log(
                    Logger.Level.DEBUG,
                    "container={0} its layer is not counted: {1}",
                    container.id(),
                    gone.getMessage());
            return Optional.empty();
        }
        var took = Duration.between(began, clock.instant()).multipliedBy(SHARE);
        var pause = took.compareTo(LEAST) > 0 ? took : LEAST;
        boolean last = container.state() instanceof ContainerState.Exited;
        var sample = new Sample(usage, began, last ? Instant.MAX : began.plus(pause));
        samples.put(container.id(), sample);
        return Optional.of(sample);
    }
}
