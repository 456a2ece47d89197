package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.HugepageLimit;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.SandboxException;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ResourcesTest {
    private static final HostLimits BARE = new HostLimits(Set.of(), 0, false, false, false, "n");
    private static final HostLimits V2 = new HostLimits(Set.of(), 0, true, true, true, "n");

    @Test
    void zerosLeaveTheKernelsOwn() {
        var json = Resources.of(LinuxContainerResources.getDefaultInstance(), Fixtures.limits());
        assertThat(json.fieldNames()).toIterable().containsExactly("devices");
    }

    @Test
    void givesEveryLimit() {
        var asked =
                LinuxContainerResources.newBuilder()
                        .setCpuShares(512)
                        .setCpuQuota(-1)
                        .setCpuPeriod(100_000)
                        .setCpusetCpus("0-1")
                        .setCpusetMems("0")
                        .setMemoryLimitInBytes(64L << 20)
                        .setMemorySwapLimitInBytes(96L << 20)
                        .addHugepageLimits(
                                HugepageLimit.newBuilder().setPageSize("2MB").setLimit(-1))
                        .putUnified("memory.high", "1")
                        .build();
        var json = Resources.of(asked, V2);
        assertThat(json.at("/cpu/shares").asLong()).isEqualTo(512);
        assertThat(json.at("/cpu/quota").asLong()).isEqualTo(-1);
        assertThat(json.at("/cpu/period").asLong()).isEqualTo(100_000);
        assertThat(json.at("/cpu/cpus").asText()).isEqualTo("0-1");
        assertThat(json.at("/cpu/mems").asText()).isEqualTo("0");
        assertThat(json.at("/memory/limit").asLong()).isEqualTo(64L << 20);
        assertThat(json.at("/memory/swap").asLong()).isEqualTo(96L << 20);
        assertThat(json.at("/hugepageLimits/0/pageSize").asText()).isEqualTo("2MB");
        assertThat(json.at("/hugepageLimits/0/limit").asText()).isEqualTo("18446744073709551615");
        assertThat(json.at("/unified/memory.high").asText()).isEqualTo("1");
    }

    @Test
    void aMemoryLimitAloneLeavesNoSwap() {
        var asked = LinuxContainerResources.newBuilder().setMemoryLimitInBytes(1 << 20).build();
        assertThat(Resources.of(asked, Fixtures.limits()).at("/memory/swap").asLong())
                .isEqualTo(1 << 20);
        assertThat(Resources.of(asked, BARE).get("memory").has("swap")).isFalse();
    }

    @Test
    void dropsWhatTheMachineHasNoControllerFor() {
        var asked =
                LinuxContainerResources.newBuilder()
                        .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB"))
                        .build();
        assertThat(Resources.of(asked, BARE).has("hugepageLimits")).isFalse();
    }

    @Test
    void refusesCgroupV2FilesOnV1() {
        var asked = LinuxContainerResources.newBuilder().putUnified("memory.high", "1").build();
        assertThatThrownBy(() -> Resources.of(asked, BARE))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage(
                        "config.linux.resources.unified: found [memory.high], but this machine has"
                                + " cgroup v1");
    }

    @Test
    void deniesDevicesBeforeItAllowsTheUsualOnes() {
        var rules = Devices.rules();
        assertThat(rules.get(0).get("allow").asBoolean()).isFalse();
        assertThat(rules.get(0).has("major")).isFalse();
        for (int i = 1; i < rules.size(); i++) {
            assertThat(rules.get(i).get("allow").asBoolean()).isTrue();
            assertThat(rules.get(i).get("major").asInt()).isIn(1, 5, 136);
        }
    }

    @Test
    void oomScoreStaysInTheRangeOfTheKernelAndTheMachine() {
        assertThat(BARE.oomScoreAdj(-998)).isZero();
        assertThat(Fixtures.limits().oomScoreAdj(-998)).isEqualTo(-998);
        assertThat(Fixtures.limits().oomScoreAdj(Long.MAX_VALUE)).isEqualTo(1000);
        var config = Fixtures.containerConfig();
        config.getLinuxBuilder().getResourcesBuilder().setOomScoreAdj(999);
        assertThat(Fixtures.spec(config).at("/process/oomScoreAdj").asInt()).isEqualTo(999);
    }

    @Test
    void readsThisMachine() throws Exception {
        var limits = HostLimits.read();
        assertThat(limits.hostname()).isNotEmpty();
        assertThat(limits.minOomScoreAdj()).isBetween(-1000, 1000);
        assertThat(limits.boundingCapabilities()).allMatch(name -> name.startsWith("CAP_"));
    }
}
