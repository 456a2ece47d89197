package io.berth.sandbox.spec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.cri.v1.HugepageLimit;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.SandboxException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceChangeTest {
    private static final HostLimits V2 = new HostLimits(Set.of(), -1000, true, true, true, "n");
    private static final LinuxContainerResources BEFORE =
            LinuxContainerResources.newBuilder()
                    .setCpuShares(512)
                    .setCpuPeriod(100_000)
                    .setCpuQuota(50_000)
                    .setMemoryLimitInBytes(64L << 20)
                    .setOomScoreAdj(500)
                    .addHugepageLimits(page("2MB", 1))
                    .addHugepageLimits(page("1GB", 2))
                    .putUnified("memory.high", "1")
                    .build();

    /** As another part of berth, or a plugin, may have left it. */
    private static final String CONFIG =
            """
            {"process": {"oomScoreAdj": 500, "args": ["sh"]},
             "linux": {"cgroupsPath": "/kubepods/x", "resources": {
               "devices": [{"allow": false, "access": "rwm"}],
               "pids": {"limit": 12},
               "cpu": {"shares": 512, "quota": 50000, "period": 100000, "idle": 1},
               "memory": {"limit": 67108864, "swap": 67108864, "reservation": 7},
               "hugepageLimits": [{"pageSize": "2MB", "limit": 1}]}}}
            """;

    private static HugepageLimit page(String size, long limit) {
        return HugepageLimit.newBuilder().setPageSize(size).setLimit(limit).build();
    }

    private static LinuxContainerResources.Builder asked() {
        return LinuxContainerResources.newBuilder();
    }

    private static ResourceChange change(LinuxContainerResources.Builder asked) {
        return new ResourceChange(BEFORE, asked.build(), V2);
    }

    private static JsonNode patched(LinuxContainerResources.Builder asked) {
        return OciJson.parse(change(asked).patched(CONFIG.getBytes(UTF_8)));
    }

    @Test
    void whatIsNotSetStays() {
        var asked =
                asked().setCpuQuota(80_000)
                        .addHugepageLimits(page("2MB", 9))
                        .putUnified("memory.low", "3");
        var merged = change(asked).merged();
        assertThat(merged.getCpuQuota()).isEqualTo(80_000);
        assertThat(merged.getCpuShares()).isEqualTo(512);
        assertThat(merged.getMemoryLimitInBytes()).isEqualTo(64L << 20);
        assertThat(merged.getHugepageLimitsList())
                .containsExactlyInAnyOrder(page("2MB", 9), page("1GB", 2));
        assertThat(merged.getUnifiedMap())
                .containsEntry("memory.high", "1")
                .containsEntry("memory.low", "3");
        assertThat(change(asked()).isEmpty()).isTrue();
        assertThat(change(asked()).merged()).isEqualTo(BEFORE);
    }

    @Test
    void theConfigKeepsWhatOthersWroteIntoIt() {
        var config = patched(asked().setCpuQuota(80_000).addHugepageLimits(page("2MB", 9)));
        assertThat(config.at("/linux/resources/cpu/quota").asLong()).isEqualTo(80_000);
        assertThat(config.at("/linux/resources/cpu/idle").asLong()).isEqualTo(1);
        assertThat(config.at("/linux/resources/pids/limit").asLong()).isEqualTo(12);
        assertThat(config.at("/linux/resources/memory/reservation").asLong()).isEqualTo(7);
        assertThat(config.at("/linux/resources/hugepageLimits")).hasSize(1);
        assertThat(config.at("/linux/resources/hugepageLimits/0/limit").asLong()).isEqualTo(9);
        assertThat(config.at("/linux/resources/devices")).hasSize(1);
        assertThat(config.at("/linux/cgroupsPath").asText()).isEqualTo("/kubepods/x");
        assertThat(config.at("/process/oomScoreAdj").asInt()).isEqualTo(500);
    }

    @Test
    void swapFollowsTheMemoryLimitUnlessItWasSetApart() {
        var grown = patched(asked().setMemoryLimitInBytes(128L << 20));
        assertThat(grown.at("/linux/resources/memory/swap").asLong()).isEqualTo(128L << 20);
        var apart = BEFORE.toBuilder().setMemorySwapLimitInBytes(256L << 20).build();
        var change =
                new ResourceChange(apart, asked().setMemoryLimitInBytes(128L << 20).build(), V2);
        var kept = OciJson.parse(change.patched(CONFIG.getBytes(UTF_8)));
        assertThat(kept.at("/linux/resources/memory/limit").asLong()).isEqualTo(128L << 20);
        assertThat(kept.at("/linux/resources/memory/swap").asLong()).isEqualTo(256L << 20);
    }

    @Test
    void aScoreGoesToTheProcess() {
        var change = change(asked().setOomScoreAdj(-5));
        assertThat(change.changesOomScore()).isTrue();
        assertThat(patched(asked().setOomScoreAdj(-5)).at("/process/oomScoreAdj").asInt())
                .isEqualTo(-5);
        assertThat(change(asked().setCpuShares(2)).changesOomScore()).isFalse();
    }

    @Test
    void theShimIsNotToldOfDevices() {
        var told = OciJson.parse(ResourceChange.ofShim(CONFIG.getBytes(UTF_8)));
        assertThat(told.has("devices")).isFalse();
        assertThat(told.at("/cpu/shares").asInt()).isEqualTo(512);
    }

    @ParameterizedTest
    @CsvSource({
        "cpu_quota, -2",
        "cpu_quota, 999",
        "cpu_period, 999",
        "cpu_period, 1000001",
        "cpu_shares, 1",
        "cpu_shares, 262145",
        "cpu_shares, -1",
        "memory_limit_in_bytes, -2",
        "memory_swap_limit_in_bytes, -7",
        "memory_swap_limit_in_bytes, 1024",
        "oom_score_adj, 1001",
        "oom_score_adj, -1001"
    })
    void aNumberThatIsNoLimitIsRefusedByName(String field, long value) {
        var asked = asked();
        asked.setField(LinuxContainerResources.getDescriptor().findFieldByName(field), value);
        assertThatThrownBy(() -> change(asked))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageStartingWith("linux." + field + ": found " + value + ", wanted ");
    }

    @ParameterizedTest
    @CsvSource({"zero", "0;1", "-1", "0--1", "'0, 1'"})
    void aCpuSetThatIsNoneIsRefused(String set) {
        assertThatThrownBy(() -> change(asked().setCpusetCpus(set)))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("cpuset_cpus: found " + set);
    }

    @Test
    void whatIsTooLongIsRefusedWithoutBeingShownWhole() {
        assertThatThrownBy(() -> change(asked().setCpusetMems("0,".repeat(1 << 20))))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .message()
                .hasSizeLessThan(300);
    }

    @Test
    void aFileOutsideTheCgroupIsRefused() {
        assertThatThrownBy(() -> change(asked().putUnified("../cgroup.procs", "1")))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("linux.unified: found ../cgroup.procs");
        assertThatThrownBy(
                        () ->
                                new ResourceChange(
                                        BEFORE,
                                        asked().putUnified("memory.high", "1").build(),
                                        Fixtures.limits()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("cgroup v1");
    }
}
