package io.berth.sandbox.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.Metric;
import io.berth.cri.v1.MetricDescriptor;
import io.berth.cri.v1.MetricType;
import io.berth.linux.CgroupLayout;
import io.berth.linux.CgroupPath;
import io.berth.linux.StatFs;
import io.berth.linux.usage.CgroupUsage;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.storage.snapshot.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a container whose cgroup is a tree as cgroup v2 has it. */
class MetricsTest {
    private static final List<String> BASE =
            List.of("pod", "namespace", "container", "id", "image");

    private final PodSandbox pod = Samples.pod();
    private final Container running =
            Samples.container(
                    pod,
                    new ContainerState.Running(
                            Samples.NOW, Math.toIntExact(ProcessHandle.current().pid())));
    private final Path root;
    private final ContainerMetrics metrics;

    MetricsTest(@TempDir Path root) {
        this.root = root;
        var clock = new Samples.Turned();
        var sources =
                new Sources(
                        CgroupUsage.of(new CgroupLayout.Unified(root)),
                        new PodCgroups(
                                _ -> new CgroupPath("/pod"),
                                (_, c) -> new CgroupPath("/pod/" + c.id())),
                        new CpuRates(),
                        new LayerUsages(_ -> new Usage(8192, 3), clock),
                        root);
        var space = new StatFs(0, 4096, 1000, 600, 500, 100, 40);
        metrics =
                new ContainerMetrics(
                        sources, () -> Optional.of(new LayerFileSystem("/dev/vda", space)), clock);
    }

    private void write(String file, String text) throws IOException {
        var directory = root.resolve("pod").resolve(running.id().value());
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(file), text);
    }

    @Test
    void namesAreDeclaredOnceWithHelpAndLabels() {
        var declared = PodMetrics.descriptors();
        assertThat(declared).extracting(MetricDescriptor::getName).doesNotHaveDuplicates();
        assertThat(declared)
                .allSatisfy(
                        d -> {
                            assertThat(d.getName()).matches("container_[a-z_]+");
                            assertThat(d.getHelp()).isNotEmpty();
                            assertThat(d.getLabelKeysList())
                                    .startsWith(BASE.toArray(String[]::new));
                        });
        assertThat(declared)
                .filteredOn(d -> d.getName().equals("container_blkio_device_usage_total"))
                .singleElement()
                .satisfies(
                        d ->
                                assertThat(d.getLabelKeysList().subList(5, 9))
                                        .containsExactly("device", "major", "minor", "operation"));
    }

    @Test
    void valuesBearTheirLabelsInTheDeclaredOrder() throws IOException {
        write("cpu.stat", "usage_usec 7900000\nuser_usec 5000000\nsystem_usec 2900000\n");
        write("io.stat", "250:77 rbytes=4096 wbytes=8192 rios=1 wios=2\n");
        write(
                "cpu.pressure",
                """
                some avg10=0 avg60=0 avg300=0 total=3000000
                full avg10=0 avg60=0 avg300=0 total=1
                """);
        write("hugetlb.2MB.current", "2097152\n");
        var found = metrics.of(pod, running).orElseThrow();
        assertThat(found.getContainerId()).isEqualTo(running.id().value());
        var cpu = one(found.getMetricsList(), "container_cpu_usage_seconds_total");
        assertThat(cpu.getValue().getValue()).isEqualTo(7);
        assertThat(cpu.getMetricType()).isEqualTo(MetricType.COUNTER);
        assertThat(cpu.getTimestamp()).as("read just now").isZero();
        assertThat(cpu.getLabelValuesList())
                .containsExactly("web", "shop", "main", running.id().value(), "busybox:1");
        var written = one(found.getMetricsList(), "container_fs_writes_bytes_total");
        assertThat(written.getLabelValuesList().getLast()).isEqualTo("250:77");
        assertThat(written.getValue().getValue()).isEqualTo(8192);
        assertThat(found.getMetricsList())
                .filteredOn(m -> m.getName().equals("container_blkio_device_usage_total"))
                .extracting(m -> m.getLabelValuesList().subList(5, 9))
                .containsExactly(
                        List.of("250:77", "250", "77", "Read"),
                        List.of("250:77", "250", "77", "Write"));
        assertThat(value(found.getMetricsList(), "container_pressure_cpu_waiting_seconds_total"))
                .isEqualTo(3);
        assertThat(value(found.getMetricsList(), "container_hugetlb_usage_bytes"))
                .isEqualTo(2097152);
    }

    @Test
    void theLayerIsDatedAndItsFileSystemIsNot() throws IOException {
        write("cpu.stat", "usage_usec 1\n");
        var found = metrics.of(pod, running).orElseThrow().getMetricsList();
        var usage = one(found, "container_fs_usage_bytes");
        assertThat(usage.getValue().getValue()).isEqualTo(8192);
        assertThat(usage.getTimestamp()).isEqualTo(Samples.NOW.getEpochSecond() * 1_000_000_000L);
        assertThat(value(found, "container_fs_limit_bytes")).isEqualTo(4096 * 1000);
        assertThat(value(found, "container_fs_inodes_free")).isEqualTo(40);
    }

    @Test
    void filesOfRealProcessesAreCounted() throws IOException {
        write("cpu.stat", "usage_usec 1\n");
        write("cgroup.procs", ProcessHandle.current().pid() + "\n0\n2147483647\n");
        write("pids.max", "max\n");
        var found = metrics.of(pod, running).orElseThrow().getMetricsList();
        assertThat(value(found, "container_processes")).isEqualTo(2);
        assertThat(value(found, "container_threads_max")).isZero();
        assertThat(value(found, "container_file_descriptors")).isGreaterThan(3);
        assertThat(one(found, "container_ulimits_soft").getLabelValuesList().getLast())
                .isEqualTo("max_open_files");
    }

    @Test
    void whatDoesNotRunOrEndsJustNowHasNone() {
        assertThat(metrics.of(pod, Samples.container(pod, Samples.exited()))).isEmpty();
        assertThat(metrics.of(pod, running)).as("its cgroup is gone").isEmpty();
    }

    @Test
    void aMetricWithoutItsLabelsIsABug() {
        assertThatThrownBy(() -> MetricList.of(pod).add(MetricName.FS_USAGE_BYTES, 1))
                .hasMessageContaining("found 0 labels of its own, wanted 1");
    }

    private static Metric one(List<Metric> metrics, String name) {
        return metrics.stream().filter(m -> m.getName().equals(name)).findFirst().orElseThrow();
    }

    private static long value(List<Metric> metrics, String name) {
        return one(metrics, name).getValue().getValue();
    }
}
