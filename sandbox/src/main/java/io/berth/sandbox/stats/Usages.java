package io.berth.sandbox.stats;

import io.berth.cri.v1.CpuUsage;
import io.berth.cri.v1.FilesystemIdentifier;
import io.berth.cri.v1.FilesystemUsage;
import io.berth.cri.v1.IoUsage;
import io.berth.cri.v1.MemoryUsage;
import io.berth.cri.v1.NetworkInterfaceUsage;
import io.berth.cri.v1.NetworkUsage;
import io.berth.cri.v1.PsiData;
import io.berth.cri.v1.PsiStats;
import io.berth.cri.v1.SwapUsage;
import io.berth.cri.v1.UInt64Value;
import io.berth.linux.usage.MemoryUse;
import io.berth.linux.usage.NetworkDevice;
import io.berth.linux.usage.Pressure;
import io.berth.linux.usage.SwapUse;
import io.berth.sandbox.CriTime;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The kernel's figures as the CRI words them. */
final class Usages {
    /** What CNI calls a pod's first interface. */
    private static final String DEFAULT_INTERFACE = "eth0";

    private Usages() {}

    static CpuUsage cpu(
            long at, long usageNanos, OptionalLong nanoCores, Optional<Pressure> pressure) {
        var cpu =
                CpuUsage.newBuilder().setTimestamp(at).setUsageCoreNanoSeconds(number(usageNanos));
        nanoCores.ifPresent(rate -> cpu.setUsageNanoCores(number(rate)));
        pressure.ifPresent(psi -> cpu.setPsi(psi(psi)));
        return cpu.build();
    }

    static MemoryUsage memory(long at, MemoryUse use, Optional<Pressure> pressure) {
        var memory =
                MemoryUsage.newBuilder()
                        .setTimestamp(at)
                        .setUsageBytes(number(use.usage()))
                        .setWorkingSetBytes(number(use.workingSet()))
                        .setRssBytes(number(use.anonymous()))
                        .setPageFaults(number(use.all().total()))
                        .setMajorPageFaults(number(use.all().major()));
        use.available().ifPresent(left -> memory.setAvailableBytes(number(left)));
        pressure.ifPresent(psi -> memory.setPsi(psi(psi)));
        return memory.build();
    }

    static SwapUsage swap(long at, SwapUse use) {
        var swap = SwapUsage.newBuilder().setTimestamp(at).setSwapUsageBytes(number(use.usage()));
        use.available().ifPresent(left -> swap.setSwapAvailableBytes(number(left)));
        return swap.build();
    }

    static IoUsage io(long at, Pressure pressure) {
        return IoUsage.newBuilder().setTimestamp(at).setPsi(psi(pressure)).build();
    }

    static FilesystemUsage layer(LayerUsages.Sample sample, Path root) {
        return FilesystemUsage.newBuilder()
                .setTimestamp(CriTime.nanos(sample.at()))
                .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(root.toString()))
                .setUsedBytes(number(sample.usage().bytes()))
                .setInodesUsed(number(sample.usage().inodes()))
                .build();
    }

    /**
     * Interfaces has all of them, the default one too, as containerd sends it and cAdvisor before
     * it: the kubelet's summary passes the list on as it is.
     */
    static NetworkUsage network(long at, List<NetworkDevice> devices) {
        var network = NetworkUsage.newBuilder().setTimestamp(at);
        devices.forEach(device -> network.addInterfaces(device(device)));
        devices.stream()
                .filter(device -> device.name().equals(DEFAULT_INTERFACE))
                .findFirst()
                .or(() -> devices.stream().findFirst())
                .ifPresent(device -> network.setDefaultInterface(device(device)));
        return network.build();
    }

    private static NetworkInterfaceUsage device(NetworkDevice device) {
        return NetworkInterfaceUsage.newBuilder()
                .setName(device.name())
                .setRxBytes(number(device.received().bytes()))
                .setRxErrors(number(device.received().errors()))
                .setTxBytes(number(device.sent().bytes()))
                .setTxErrors(number(device.sent().errors()))
                .build();
    }

    private static PsiStats psi(Pressure pressure) {
        return PsiStats.newBuilder()
                .setFull(psi(pressure.full()))
                .setSome(psi(pressure.some()))
                .build();
    }

    private static PsiData psi(Pressure.Line line) {
        return PsiData.newBuilder()
                .setTotal(line.totalNanos())
                .setAvg10(line.avg10())
                .setAvg60(line.avg60())
                .setAvg300(line.avg300())
                .build();
    }

    static UInt64Value number(long value) {
        return UInt64Value.newBuilder().setValue(value).build();
    }
}
