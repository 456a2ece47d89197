package io.berth.sandbox.nri;

import io.berth.cri.v1.LinuxContainerResources;
import io.berth.nri.v1.HugepageLimit;
import io.berth.nri.v1.LinuxResources;
import io.berth.nri.v1.OptionalInt64;
import io.berth.nri.v1.OptionalUInt64;

/** Limits as the CRI has them, where zero is unset, and as plugins have them. */
final class CriResources {
    private CriResources() {}

    /** All that the CRI always says is there, also as zero, for plugins that do not ask. */
    static LinuxResources view(LinuxContainerResources asked) {
        var view = LinuxResources.newBuilder();
        var cpu = view.getCpuBuilder();
        cpu.setShares(OptionalUInt64.newBuilder().setValue(asked.getCpuShares()));
        cpu.setQuota(OptionalInt64.newBuilder().setValue(asked.getCpuQuota()));
        cpu.setPeriod(OptionalUInt64.newBuilder().setValue(asked.getCpuPeriod()));
        cpu.setCpus(asked.getCpusetCpus()).setMems(asked.getCpusetMems());
        var memory = view.getMemoryBuilder();
        memory.setLimit(OptionalInt64.newBuilder().setValue(asked.getMemoryLimitInBytes()));
        if (asked.getMemorySwapLimitInBytes() != 0) {
            memory.setSwap(OptionalInt64.newBuilder().setValue(asked.getMemorySwapLimitInBytes()));
        }
        for (var limit : asked.getHugepageLimitsList()) {
            view.addHugepageLimits(
                    HugepageLimit.newBuilder()
                            .setPageSize(limit.getPageSize())
                            .setLimit(limit.getLimit()));
        }
        return view.putAllUnified(asked.getUnifiedMap()).build();
    }

    /** The limits that the CRI can say; the score is kept from what was asked first. */
    static LinuxContainerResources of(LinuxResources wanted, long oomScoreAdj) {
        var resources =
                LinuxContainerResources.newBuilder()
                        .setCpuShares(wanted.getCpu().getShares().getValue())
                        .setCpuQuota(wanted.getCpu().getQuota().getValue())
                        .setCpuPeriod(wanted.getCpu().getPeriod().getValue())
                        .setCpusetCpus(wanted.getCpu().getCpus())
                        .setCpusetMems(wanted.getCpu().getMems())
                        .setMemoryLimitInBytes(wanted.getMemory().getLimit().getValue())
                        .setMemorySwapLimitInBytes(wanted.getMemory().getSwap().getValue())
                        .setOomScoreAdj(oomScoreAdj)
                        .putAllUnified(wanted.getUnifiedMap());
        for (var limit : wanted.getHugepageLimitsList()) {
            resources.addHugepageLimits(
                    io.berth.cri.v1.HugepageLimit.newBuilder()
                            .setPageSize(limit.getPageSize())
                            .setLimit(limit.getLimit()));
        }
        return resources.build();
    }
}
