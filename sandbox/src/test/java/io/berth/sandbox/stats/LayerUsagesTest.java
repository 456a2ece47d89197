package io.berth.sandbox.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.sandbox.container.ContainerState;
import io.berth.storage.snapshot.SnapshotException;
import io.berth.storage.snapshot.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerUsagesTest {
    private final Samples.Turned clock = new Samples.Turned();
    private final List<String> walked = new ArrayList<>();
    private Duration took = Duration.ZERO;
    private final LayerUsages layers =
            new LayerUsages(
                    id -> {
                        walked.add(id);
                        clock.to(clock.instant().plus(took));
                        return new Usage(4096L * walked.size(), 1);
                    },
                    clock);
    private final ContainerState running = new ContainerState.Running(Samples.NOW, 7);

    @Test
    void theFirstAskerCountsAndTheOthersGetThat() {
        var container = Samples.container(Samples.pod(), running);
        assertThat(layers.of(container).orElseThrow().usage().bytes()).isEqualTo(4096);
        assertThat(layers.of(container).orElseThrow().at()).isEqualTo(Samples.NOW);
        assertThat(walked).hasSize(1);
    }

    @Test
    void aLayerIsCountedAgainAfterAHundredTimesAsLongAsItTook() {
        var container = Samples.container(Samples.pod(), running);
        took = Duration.ofSeconds(1);
        layers.refresh(List.of(container));
        took = Duration.ZERO;
        clock.to(Samples.NOW.plusSeconds(99));
        layers.refresh(List.of(container));
        assertThat(walked).hasSize(1);
        clock.to(Samples.NOW.plusSeconds(100));
        layers.refresh(List.of(container));
        assertThat(walked).hasSize(2);
    }

    @Test
    void aRoundEndsAfterASecondAndTheNextGoesOn() {
        var pod = Samples.pod();
        var all =
                List.of(
                        Samples.container(pod, running),
                        Samples.container(pod, running),
                        Samples.container(pod, running));
        took = Duration.ofMillis(900);
        layers.refresh(all);
        assertThat(walked).hasSize(2);
        layers.refresh(all);
        assertThat(walked).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void whatHasEndedIsCountedOnceAndWhatIsGoneIsForgotten() {
        var container = Samples.container(Samples.pod(), Samples.exited());
        layers.refresh(List.of(container));
        clock.to(Samples.NOW.plus(Duration.ofDays(1)));
        layers.refresh(List.of(container));
        assertThat(walked).hasSize(1);
        layers.refresh(List.of());
        layers.refresh(List.of(container));
        assertThat(walked).hasSize(2);
    }

    @Test
    void aLayerThatIsGoneHasNoUsage() {
        var gone =
                new LayerUsages(
                        id -> {
                            throw new SnapshotException.NotFound(id);
                        },
                        clock);
        assertThat(gone.of(Samples.container(Samples.pod(), running))).isEmpty();
    }
}
