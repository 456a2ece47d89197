package io.berth.sandbox.nri;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.nri.v1.IOPrioClass;
import io.berth.nri.v1.LinuxContainerAdjustment;
import io.berth.nri.v1.LinuxDevice;
import io.berth.nri.v1.LinuxMemoryPolicy;
import io.berth.nri.v1.LinuxNamespace;
import io.berth.nri.v1.LinuxNetDevice;
import io.berth.nri.v1.LinuxRdt;
import io.berth.nri.v1.LinuxScheduler;
import io.berth.nri.v1.LinuxSchedulerPolicy;
import io.berth.sandbox.spec.HostLimits;

/** The part of an adjustment that is peculiar to Linux (runtime-spec, config-linux.md). */
final class SpecLinuxAdjustment {
    private final ObjectNode linux;
    private final ObjectNode process;
    private final HostLimits limits;

    SpecLinuxAdjustment(ObjectNode spec, HostLimits limits) {
        this.linux = spec.withObject("/linux");
        this.process = spec.withObject("/process");
        this.limits = limits;
    }

    void apply(LinuxContainerAdjustment asked) {
        asked.getDevicesList().forEach(this::device);
        asked.getNamespacesList().forEach(this::namespace);
        asked.getSysctlMap()
                .forEach(
                        (key, value) ->
                                SpecAdjustment.entry(linux.withObject("/sysctl"), key, value));
        asked.getNetDevicesMap().forEach(this::netDevice);
        if (!asked.getCgroupsPath().isEmpty()) {
            linux.put("cgroupsPath", asked.getCgroupsPath());
        }
        if (asked.hasResources()) {
            var resources = linux.withObject("/resources");
            SpecResources.apply(asked.getResources(), resources, limits);
            if (asked.getResources().hasRdtClass()) {
                rdtClass(asked.getResources().getRdtClass().getValue());
            }
        }
        if (asked.hasOomScoreAdj()) {
            process.put("oomScoreAdj", limits.oomScoreAdj(asked.getOomScoreAdj().getValue()));
        }
        if (asked.hasIoPriority()) {
            var priority = asked.getIoPriority();
            if (priority.getClass_() == IOPrioClass.IOPRIO_CLASS_NONE) {
                process.remove("ioPriority");
            } else {
                process.putObject("ioPriority")
                        .put("class", priority.getClass_().name())
                        .put("priority", priority.getPriority());
            }
        }
        if (asked.hasSeccompPolicy()) {
            linux.set("seccomp", SpecSeccomp.json(asked.getSeccompPolicy()));
        }
        if (asked.hasScheduler()) {
            scheduler(asked.getScheduler());
        }
        if (asked.hasRdt()) {
            rdt(asked.getRdt());
        }
        if (asked.hasMemoryPolicy()) {
            memoryPolicy(asked.getMemoryPolicy());
        }
    }

    private void device(LinuxDevice asked) {
        var all = linux.withArray("/devices");
        boolean away = asked.getPath().startsWith(SpecAdjustment.AWAY);
        var path = away ? asked.getPath().substring(1) : asked.getPath();
        SpecAdjustment.removeWhere(all, "path", path);
        if (away) {
            return;
        }
        var json = all.addObject().put("path", path).put("type", asked.getType());
        json.put("major", asked.getMajor()).put("minor", asked.getMinor());
        if (asked.hasFileMode()) {
            json.put("fileMode", Integer.toUnsignedLong(asked.getFileMode().getValue()));
        }
        if (asked.hasUid()) {
            json.put("uid", Integer.toUnsignedLong(asked.getUid().getValue()));
        }
        if (asked.hasGid()) {
            json.put("gid", Integer.toUnsignedLong(asked.getGid().getValue()));
        }
        linux.withArray("/resources/devices")
                .addObject()
                .put("allow", true)
                .put("type", asked.getType())
                .put("major", asked.getMajor())
                .put("minor", asked.getMinor())
                .put("access", access(asked));
    }

    /** Reading and writing; whoever holds a block device may make its node too. */
    private static String access(LinuxDevice device) {
        return device.getType().equals("b") ? "rwm" : "rw";
    }

    private void namespace(LinuxNamespace asked) {
        var all = linux.withArray("/namespaces");
        boolean away = asked.getType().startsWith(SpecAdjustment.AWAY);
        var type = away ? asked.getType().substring(1) : asked.getType();
        SpecAdjustment.removeWhere(all, "type", type);
        if (!away) {
            var json = all.addObject().put("type", type);
            if (!asked.getPath().isEmpty()) {
                json.put("path", asked.getPath());
            }
        }
    }

    private void netDevice(String name, LinuxNetDevice asked) {
        var all = linux.withObject("/netDevices");
        if (name.startsWith(SpecAdjustment.AWAY)) {
            all.remove(name.substring(1));
        } else {
            all.putObject(name).put("name", asked.getName());
        }
    }

    private void scheduler(LinuxScheduler asked) {
        process.remove("scheduler");
        if (asked.getPolicy() == LinuxSchedulerPolicy.SCHED_NONE) {
            return;
        }
        var json = process.putObject("scheduler").put("policy", asked.getPolicy().name());
        unlessZero(json, "nice", asked.getNice());
        unlessZero(json, "priority", asked.getPriority());
        if (asked.getFlagsCount() > 0) {
            var flags = json.putArray("flags");
            asked.getFlagsList().forEach(flag -> flags.add(flag.name()));
        }
        unlessZero(json, "runtime", asked.getRuntime());
        unlessZero(json, "deadline", asked.getDeadline());
        unlessZero(json, "period", asked.getPeriod());
    }

    private static void unlessZero(ObjectNode json, String name, int value) {
        if (value != 0) {
            json.put(name, value);
        }
    }

    private static void unlessZero(ObjectNode json, String name, long unsigned) {
        if (unsigned != 0) {
            json.put(name, SpecSeccomp.unsigned(unsigned));
        }
    }

    private void rdtClass(String name) {
        if (name.isEmpty()) {
            linux.remove("intelRdt");
        } else {
            linux.putObject("intelRdt").put("closID", name);
        }
    }

    private void rdt(LinuxRdt asked) {
        if (asked.getRemove()) {
            linux.remove("intelRdt");
            return;
        }
        var json = linux.withObject("/intelRdt");
        if (asked.hasClosId()) {
            json.put("closID", asked.getClosId().getValue());
        }
        if (asked.hasSchemata()) {
            var schemata = json.putArray("schemata");
            asked.getSchemata().getValueList().forEach(schemata::add);
        }
        if (asked.hasEnableMonitoring()) {
            json.put("enableMonitoring", asked.getEnableMonitoring().getValue());
        }
    }

    private void memoryPolicy(LinuxMemoryPolicy asked) {
        var json = linux.putObject("memoryPolicy").put("mode", asked.getMode().name());
        json.put("nodes", asked.getNodes());
        if (asked.getFlagsCount() > 0) {
            var flags = json.putArray("flags");
            asked.getFlagsList().forEach(flag -> flags.add(flag.name()));
        }
    }
}
