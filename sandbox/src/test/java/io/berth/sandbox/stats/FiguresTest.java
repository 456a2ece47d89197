package io.berth.sandbox.stats;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.cri.v1.ContainerStats;
import io.berth.cri.v1.PodSandboxStats;
import io.berth.linux.CgroupLayout;
import io.berth.linux.CgroupPath;
import io.berth.linux.usage.CgroupUsage;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.storage.snapshot.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures of pods and containers from a tree as cgroup v2 has it. */
class FiguresTest {
    private static final long SECOND = 1_000_000_000L;

    private final Samples.Turned clock = new Samples.Turned();
    private final CpuRates rates = new CpuRates();
    private final PodSandbox pod = Samples.pod();
    private final Container running =
            Samples.container(pod, new ContainerState.Running(Samples.NOW, 7));
    private final Path root;
    private final ContainerFigures figures;
    private final PodFigures pods;
    private long nanoTime = 100 * SECOND;

    FiguresTest(@TempDir Path root) {
        this.root = root;
        var sources =
                new Sources(
                        CgroupUsage.of(new CgroupLayout.Unified(root)),
                        new PodCgroups(
                                _ -> new CgroupPath("/pod"),
                                (_, c) -> new CgroupPath("/pod/" + c.id())),
                        rates,
                        new LayerUsages(_ -> new Usage(8192, 3), clock),
                        Path.of("/var/lib/berth"));
        figures = new ContainerFigures(sources, clock, () -> nanoTime);
        pods = new PodFigures(sources, figures, _ -> Path.of("/no/such/pin"), clock);
    }

    @BeforeEach
    void writeTree() throws IOException {
        write("/pod", 9_000_000, 3_000_000);
        write("/pod/" + running.id(), 4_000_000, 1_000_000);
    }

    private void write(String cgroup, long cpuMicros, long memory) throws IOException {
        var directory = Files.createDirectories(root.resolve(cgroup.substring(1)));
        Files.writeString(directory.resolve("cpu.stat"), "usage_usec " + cpuMicros + "\n");
        Files.writeString(directory.resolve("memory.current"), memory + "\n");
        Files.writeString(directory.resolve("memory.max"), "2000000\n");
        Files.writeString(
                directory.resolve("memory.stat"),
                "anon 300000\ninactive_file 400000\npgfault 12\npgmajfault 2\n");
        Files.writeString(directory.resolve("memory.swap.current"), "4096\n");
        Files.writeString(directory.resolve("memory.swap.max"), "8192\n");
        var psi =
                """
                some avg10=1.00 avg60=0.50 avg300=0.10 total=70
                full avg10=0.00 avg60=0.00 avg300=0.00 total=5
                """;
        for (var resource : List.of("cpu", "memory", "io")) {
            Files.writeString(directory.resolve(resource + ".pressure"), psi);
        }
        Files.writeString(directory.resolve("cgroup.procs"), "11\n12\n");
    }

    @Test
    void aRunningContainerHasEveryFigure() throws InvalidProtocolBufferException {
        rates.add(running.id().value(), 98 * SECOND, 3 * SECOND);
        var stats = figures.of(pod, running);
        var attributes = ContainerStats.parseFrom(stats.toByteString()).getAttributes();
        assertThat(attributes.getMetadata().getName()).isEqualTo("main");
        assertThat(attributes.getId()).isEqualTo(running.id().value());
        assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isEqualTo(4 * SECOND);
        assertThat(stats.getCpu().getUsageNanoCores().getValue()).isEqualTo(SECOND / 2);
        assertThat(stats.getCpu().getPsi().getSome().getTotal()).isEqualTo(70_000);
        assertThat(stats.getCpu().getTimestamp()).isEqualTo(Samples.NOW.getEpochSecond() * SECOND);
        var memory = stats.getMemory();
        assertThat(memory.getWorkingSetBytes().getValue()).isEqualTo(600_000);
        assertThat(memory.getAvailableBytes().getValue()).isEqualTo(1_400_000);
        assertThat(memory.getRssBytes().getValue()).isEqualTo(300_000);
        assertThat(memory.getMajorPageFaults().getValue()).isEqualTo(2);
        assertThat(stats.getSwap().getSwapUsageBytes().getValue()).isEqualTo(4096);
        assertThat(stats.getSwap().getSwapAvailableBytes().getValue()).isEqualTo(4096);
        assertThat(stats.getIo().getPsi().getFull().getTotal()).isEqualTo(5_000);
        assertThat(stats.getWritableLayer().getUsedBytes().getValue()).isEqualTo(8192);
        assertThat(stats.getWritableLayer().getFsId().getMountpoint()).isEqualTo("/var/lib/berth");
    }

    @Test
    void aYoungContainersRateIsSinceItsBeginningAndAnOldOnesUnknownUntilSampled() {
        assertThat(figures.of(pod, running).getCpu().hasUsageNanoCores()).isFalse();
        clock.to(Samples.NOW.plusSeconds(8));
        assertThat(figures.of(pod, running).getCpu().getUsageNanoCores().getValue())
                .isEqualTo(SECOND / 2);
        var before =
                new Container(
                        running.id(),
                        running.name(),
                        pod.id(),
                        "hash",
                        running.config(),
                        "",
                        "",
                        "",
                        "",
                        Samples.NOW,
                        running.user(),
                        false,
                        new ContainerState.Running(Samples.NOW.minusSeconds(1), 7));
        assertThat(figures.of(pod, before).getCpu().hasUsageNanoCores()).isFalse();
    }

    @Test
    void whatDoesNotRunOrEndsJustNowHasItsLayerAlone() {
        var exited = figures.of(pod, Samples.container(pod, Samples.exited()));
        assertThat(exited.hasCpu() || exited.hasMemory() || exited.hasSwap()).isFalse();
        assertThat(exited.getWritableLayer().getInodesUsed().getValue()).isEqualTo(3);
        var ending =
                figures.of(pod, Samples.container(pod, new ContainerState.Running(Samples.NOW, 8)));
        assertThat(ending.hasCpu() || ending.hasMemory()).isFalse();
    }

    @Test
    void aPodHasTheSumAndItsContainers() throws InvalidProtocolBufferException {
        var stats = pods.of(pod, List.of(running, Samples.container(pod, Samples.exited())));
        assertThat(stats.hasAttributes()).as("labels are not parsed in memory").isFalse();
        var attributes = PodSandboxStats.parseFrom(stats.toByteString()).getAttributes();
        assertThat(attributes.getLabelsMap()).isEqualTo(pod.labels()).containsEntry("app", "web");
        assertThat(attributes.getAnnotationsMap()).isEqualTo(pod.annotations());
        var linux = stats.getLinux();
        assertThat(linux.getCpu().getUsageCoreNanoSeconds().getValue()).isEqualTo(9 * SECOND);
        assertThat(linux.getMemory().getUsageBytes().getValue()).isEqualTo(3_000_000);
        assertThat(linux.getIo().getPsi().getSome().getAvg10()).isEqualTo(1.0);
        assertThat(linux.getProcess().getProcessCount().getValue()).isEqualTo(2);
        assertThat(linux.getContainersCount()).isEqualTo(2);
        assertThat(linux.hasNetwork()).as("its process is gone").isFalse();
    }
}
