package io.berth.linux.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.CgroupLayout;
import io.berth.linux.CgroupPath;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both readers on trees of files as kernels write them. */
class CgroupUsageTest {
    private static final CgroupPath POD = new CgroupPath("/kubepods/pod1");
    private static final CgroupPath C1 = new CgroupPath("/kubepods/pod1/c1");
    private static final CgroupPath OLD = new CgroupPath("/kubepods/c1");
    private static final CgroupPath GONE = new CgroupPath("/kubepods/gone");

    private final CgroupUsage v2 = CgroupUsage.of(new CgroupLayout.Unified(tree("v2")));
    private final CgroupUsage v1 = CgroupUsage.of(legacy());

    @Test
    void processorTimeOfV2IsInNanoseconds() {
        assertThat(v2.cpuNanos(C1)).hasValue(2_163_840_561_000L);
        assertThat(v2.cpu(C1))
                .contains(
                        new CpuTimes(
                                2_163_840_561_000L,
                                1_524_417_113_000L,
                                639_423_448_000L,
                                18432,
                                771,
                                41_220_963_000L));
        assertThat(v2.cpu(POD).orElseThrow().periods()).as("no limit, no periods").isZero();
    }

    @Test
    void memoryOfV2() {
        var memory = v2.memory(C1).orElseThrow();
        assertThat(memory.usage()).isEqualTo(134217728);
        assertThat(memory.workingSet()).isEqualTo(134217728 - 31457280);
        assertThat(memory.available()).hasValue(268435456 - memory.workingSet());
        assertThat(memory.anonymous()).isEqualTo(73400320);
        assertThat(memory.all()).isEqualTo(new MemoryUse.Faults(982314, 412));
        assertThat(v2.swap(C1)).contains(new SwapUse(1048576, OptionalLong.of(33554432)));
        assertThat(v2.memoryHistory(C1))
                .isEqualTo(
                        new MemoryHistory(
                                OptionalLong.of(180355072),
                                OptionalLong.of(6291456),
                                OptionalLong.of(17),
                                OptionalLong.of(1)));
    }

    @Test
    void noLimitIsNoNumber() {
        assertThat(v2.memory(POD).orElseThrow().limit()).isEmpty();
        assertThat(v2.memory(POD).orElseThrow().available()).isEmpty();
        assertThat(v2.swap(POD).orElseThrow().available()).isEmpty();
        assertThat(v2.tasks(POD).orElseThrow().maxThreads()).isEmpty();
        assertThat(v2.limits(POD).cpuQuotaMicros()).isEmpty();
        assertThat(v2.limits(POD).cpuPeriodMicros()).hasValue(100000);
        assertThat(v1.limits(OLD).cpuQuotaMicros()).isEmpty();
        assertThat(v1.limits(OLD).memoryReservationBytes()).isEmpty();
        assertThat(v1.tasks(OLD).orElseThrow().maxThreads()).isEmpty();
    }

    @Test
    void aKernelThatDoesNotSumUpItsMemoryIsSummedUp() {
        assertThat(v2.memoryHistory(POD).kernel()).hasValue(16384 + 8192 + 64 + 1000);
    }

    @Test
    void pressureIsInNanosecondsAndPercent() {
        var cpu = v2.pressure(C1, CgroupUsage.Resource.CPU).orElseThrow();
        assertThat(cpu.some()).isEqualTo(new Pressure.Line(1.53, 0.87, 0.22, 41_220_963_000L));
        assertThat(cpu.full().totalNanos()).isEqualTo(1_220_963_000L);
        assertThat(v2.pressure(C1, CgroupUsage.Resource.IO).orElseThrow().some().avg300())
                .isEqualTo(0.10);
        assertThat(v2.pressure(POD, CgroupUsage.Resource.MEMORY)).isEmpty();
        assertThat(v1.pressure(OLD, CgroupUsage.Resource.CPU)).isEmpty();
    }

    @Test
    void devicesOfV2AreTheOnesWithTraffic() {
        assertThat(v2.io(C1))
                .containsExactly(
                        new DeviceTraffic(
                                8,
                                0,
                                Map.of(
                                        "Read",
                                        90112000L,
                                        "Write",
                                        299008000L,
                                        "Discard",
                                        50331648L),
                                Map.of("Read", 8950L, "Write", 1252L, "Discard", 3021L)),
                        new DeviceTraffic(
                                253,
                                1,
                                Map.of("Read", 1459200L, "Write", 314773504L, "Discard", 0L),
                                Map.of("Read", 192L, "Write", 353L, "Discard", 0L)));
        assertThat(v2.io(POD)).isEmpty();
    }

    @Test
    void tasksPagesAndLimitsOfV2() {
        assertThat(v2.tasks(C1))
                .contains(
                        new TaskCounts(
                                List.of(4711, 4712, 4790),
                                OptionalLong.of(14),
                                OptionalLong.of(1024)));
        assertThat(v2.hugePages(C1))
                .containsExactlyInAnyOrder(
                        new HugePages("2MB", 4194304, OptionalLong.empty()),
                        new HugePages("1GB", 0, OptionalLong.empty()));
        var limits = v2.limits(C1);
        assertThat(limits.cpuShares()).hasValue(998);
        assertThat(limits.cpuQuotaMicros()).hasValue(50000);
        assertThat(limits.memoryBytes()).hasValue(268435456);
        assertThat(limits.memoryReservationBytes()).hasValue(67108864);
        assertThat(limits.memorySwapBytes()).hasValue(33554432);
    }

    @Test
    void weightsCoverTheSharesFromEndToEnd() {
        assertThat(UnifiedUsage.shares(1)).isEqualTo(2);
        assertThat(UnifiedUsage.shares(10000)).isEqualTo(262144);
    }

    @Test
    void everythingOfV1() {
        assertThat(v1.cpu(OLD))
                .contains(
                        new CpuTimes(
                                41_220_963_123L,
                                31_200_000_000L,
                                10_020_000_000L,
                                120,
                                7,
                                912_345_678L));
        var memory = v1.memory(OLD).orElseThrow();
        assertThat(memory.workingSet()).isEqualTo(50331648 - 8388608);
        assertThat(memory.limit()).hasValue(67108864);
        assertThat(memory.anonymous()).isEqualTo(27262976);
        assertThat(memory.own()).isEqualTo(new MemoryUse.Faults(1200, 3));
        assertThat(memory.all()).isEqualTo(new MemoryUse.Faults(1300, 4));
        assertThat(v1.swap(OLD)).contains(new SwapUse(8192, OptionalLong.of(100663296 - 67108864)));
        assertThat(v1.memoryHistory(OLD))
                .isEqualTo(
                        new MemoryHistory(
                                OptionalLong.of(60000000),
                                OptionalLong.of(2097152),
                                OptionalLong.of(3),
                                OptionalLong.of(2)));
        assertThat(v1.io(OLD)).singleElement().satisfies(CgroupUsageTest::isTheDisk);
        assertThat(v1.tasks(OLD))
                .contains(
                        new TaskCounts(List.of(11, 12), OptionalLong.of(9), OptionalLong.empty()));
        assertThat(v1.hugePages(OLD))
                .containsExactly(new HugePages("2MB", 2097152, OptionalLong.of(4194304)));
        assertThat(v1.limits(OLD).cpuShares()).hasValue(512);
        assertThat(v1.limits(OLD).memorySwapBytes()).hasValue(100663296);
    }

    private static void isTheDisk(DeviceTraffic traffic) {
        assertThat(traffic.major()).isEqualTo(8);
        assertThat(traffic.bytes())
                .containsEntry("Read", 4096L)
                .containsEntry("Total", 12288L)
                .hasSize(6);
        assertThat(traffic.operations()).containsEntry("Write", 2L);
    }

    @Test
    void aCgroupThatIsGoneHasNothing() {
        for (var usage : List.of(v1, v2)) {
            assertThat(usage.cpuNanos(GONE)).isEmpty();
            assertThat(usage.cpu(GONE)).isEmpty();
            assertThat(usage.memory(GONE)).isEmpty();
            assertThat(usage.swap(GONE)).isEmpty();
            assertThat(usage.tasks(GONE)).isEmpty();
            assertThat(usage.io(GONE)).isEmpty();
            assertThat(usage.hugePages(GONE)).isEmpty();
            assertThat(usage.limits(GONE).cpuShares()).isEmpty();
            assertThat(usage.memoryHistory(GONE).oomKills()).isEmpty();
        }
    }

    @Test
    void aLongFileIsReadWholeAndAnEndlessOneNotAtAll(@TempDir Path folder) throws IOException {
        var file = folder.resolve("memory.stat");
        Files.writeString(file, "filler 1\n".repeat(2000) + "last 7\n");
        assertThat(KernelFile.keyed(KernelFile.text(file).orElseThrow())).containsEntry("last", 7L);
        assertThat(KernelFile.text(Path.of("/dev/zero"))).isEmpty();
    }

    @Test
    void whatIsNoNumberIsNamed() {
        assertThatThrownBy(() -> KernelFile.number("many"))
                .hasMessage("kernel file: found 'many', wanted a number");
        assertThat(KernelFile.number("18446744073709551615")).isEqualTo(Long.MAX_VALUE);
    }

    private static CgroupLayout legacy() {
        var controllers = List.of("cpu", "cpuacct", "memory", "pids", "blkio", "hugetlb");
        return new CgroupLayout.Legacy(
                controllers.stream()
                        .map(c -> new CgroupLayout.Hierarchy(Set.of(c), tree("v1").resolve(c)))
                        .toList(),
                Optional.empty());
    }

    private static Path tree(String name) {
        var found = CgroupUsageTest.class.getResource("/cgroup/" + name);
        try {
            return Path.of(Objects.requireNonNull(found, name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
