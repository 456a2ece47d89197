package io.berth.sandbox.nri;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import io.berth.nri.v1.Field;
import io.berth.nri.v1.HugepageLimit;
import io.berth.nri.v1.LinuxResources;
import java.util.List;
import java.util.Map;

/** Limits that a plugin sets, put over those that there are, with their owner. */
final class ResourceMerge {
    /** By the field's name in the message of its controller. */
    private static final Map<String, Field> CONTROLLERS =
            Map.ofEntries(
                    Map.entry("memory.limit", Field.MemLimit),
                    Map.entry("memory.reservation", Field.MemReservation),
                    Map.entry("memory.swap", Field.MemSwapLimit),
                    Map.entry("memory.kernel", Field.MemKernelLimit),
                    Map.entry("memory.kernel_tcp", Field.MemTCPLimit),
                    Map.entry("memory.swappiness", Field.MemSwappiness),
                    Map.entry("memory.disable_oom_killer", Field.MemDisableOomKiller),
                    Map.entry("memory.use_hierarchy", Field.MemUseHierarchy),
                    Map.entry("cpu.shares", Field.CPUShares),
                    Map.entry("cpu.quota", Field.CPUQuota),
                    Map.entry("cpu.period", Field.CPUPeriod),
                    Map.entry("cpu.realtime_runtime", Field.CPURealtimeRuntime),
                    Map.entry("cpu.realtime_period", Field.CPURealtimePeriod),
                    Map.entry("cpu.cpus", Field.CPUSetCPUs),
                    Map.entry("cpu.mems", Field.CPUSetMems),
                    Map.entry("blockio_class", Field.BlockioClass),
                    Map.entry("rdt_class", Field.RdtClass),
                    Map.entry("pids", Field.PidsLimit));

    private ResourceMerge() {}

    /**
     * Makes a plugin the owner of every limit that it sets.
     *
     * @throws io.berth.sandbox.SandboxException.Failed if another plugin owns one of them
     */
    static void claim(Owners owners, String container, LinuxResources asked, String plugin) {
        claimSet(owners, container, asked, "", plugin);
        claimSet(owners, container, asked.getMemory(), "memory.", plugin);
        claimSet(owners, container, asked.getCpu(), "cpu.", plugin);
        for (HugepageLimit limit : asked.getHugepageLimitsList()) {
            owners.claim(container, Field.HugepageLimits, limit.getPageSize(), plugin);
        }
        for (var key : asked.getUnifiedMap().keySet()) {
            owners.claim(container, Field.CgroupsUnified, key, plugin);
        }
    }

    private static void claimSet(
            Owners owners, String container, Message asked, String prefix, String plugin) {
        for (var set : asked.getAllFields().keySet()) {
            var field = CONTROLLERS.get(prefix + set.getName());
            if (field != null) {
                owners.claim(container, field, plugin);
            }
        }
    }

    /** Puts what is set over what is there: lists grow, everything else is replaced. */
    static void overlay(LinuxResources asked, LinuxResources.Builder target) {
        asked.getAllFields()
                .forEach(
                        (field, value) -> {
                            switch (field.getName()) {
                                case "memory" ->
                                        replace(asked.getMemory(), target.getMemoryBuilder());
                                case "cpu" -> replace(asked.getCpu(), target.getCpuBuilder());
                                case "hugepage_limits" -> hugepages(asked, target);
                                default -> put(target, field, value);
                            }
                        });
    }

    private static void hugepages(LinuxResources asked, LinuxResources.Builder target) {
        for (var limit : asked.getHugepageLimitsList()) {
            for (int i = target.getHugepageLimitsCount() - 1; i >= 0; i--) {
                if (target.getHugepageLimits(i).getPageSize().equals(limit.getPageSize())) {
                    target.removeHugepageLimits(i);
                }
            }
            target.addHugepageLimits(limit);
        }
    }

    private static void replace(Message asked, Message.Builder target) {
        asked.getAllFields().forEach(target::setField);
    }

    private static void put(Message.Builder target, FieldDescriptor field, Object value) {
        if (field.isMapField()) {
            var unified = (LinuxResources.Builder) target;
            for (var entry : (List<?>) value) {
                var pair = (MapEntry<?, ?>) entry;
                unified.putUnified((String) pair.getKey(), (String) pair.getValue());
            }
        } else if (field.isRepeated()) {
            ((List<?>) value).forEach(each -> target.addRepeatedField(field, each));
        } else {
            target.setField(field, value);
        }
    }
}
