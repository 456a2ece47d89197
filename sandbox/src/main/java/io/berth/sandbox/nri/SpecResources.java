package io.berth.sandbox.nri;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.nri.v1.HugepageLimit;
import io.berth.nri.v1.LinuxCPU;
import io.berth.nri.v1.LinuxDeviceCgroup;
import io.berth.nri.v1.LinuxMemory;
import io.berth.nri.v1.LinuxPids;
import io.berth.nri.v1.LinuxResources;
import io.berth.nri.v1.OptionalBool;
import io.berth.nri.v1.OptionalInt64;
import io.berth.nri.v1.OptionalUInt64;
import io.berth.sandbox.spec.HostLimits;
import java.util.function.Consumer;

/** Cgroup limits in both forms (runtime-spec, config-linux.md, Control groups). */
final class SpecResources {
    private SpecResources() {}

    static LinuxResources view(JsonNode resources) {
        var view = LinuxResources.newBuilder();
        memory(resources.path("memory"), view.getMemoryBuilder());
        cpu(resources.path("cpu"), view.getCpuBuilder());
        for (var limit : resources.path("hugepageLimits")) {
            view.addHugepageLimits(
                    HugepageLimit.newBuilder()
                            .setPageSize(limit.path("pageSize").asText())
                            .setLimit(limit.path("limit").bigIntegerValue().longValue()));
        }
        view.putAllUnified(SpecView.strings(resources.path("unified")));
        if (resources.path("pids").has("limit")) {
            view.setPids(
                    LinuxPids.newBuilder().setLimit(resources.path("pids").path("limit").asLong()));
        }
        resources.path("devices").forEach(rule -> view.addDevices(device(rule)));
        return view.build();
    }

    private static void memory(JsonNode memory, LinuxMemory.Builder view) {
        signed(memory, "limit", view::setLimit);
        signed(memory, "reservation", view::setReservation);
        signed(memory, "swap", view::setSwap);
        signed(memory, "kernel", view::setKernel);
        signed(memory, "kernelTCP", view::setKernelTcp);
        unsigned(memory, "swappiness", view::setSwappiness);
        if (memory.has("disableOOMKiller")) {
            view.setDisableOomKiller(bool(memory.path("disableOOMKiller").asBoolean()));
        }
        if (memory.has("useHierarchy")) {
            view.setUseHierarchy(bool(memory.path("useHierarchy").asBoolean()));
        }
    }

    private static void cpu(JsonNode cpu, LinuxCPU.Builder view) {
        unsigned(cpu, "shares", view::setShares);
        signed(cpu, "quota", view::setQuota);
        unsigned(cpu, "period", view::setPeriod);
        signed(cpu, "realtimeRuntime", view::setRealtimeRuntime);
        unsigned(cpu, "realtimePeriod", view::setRealtimePeriod);
        view.setCpus(cpu.path("cpus").asText());
        view.setMems(cpu.path("mems").asText());
    }

    private static LinuxDeviceCgroup device(JsonNode rule) {
        var view =
                LinuxDeviceCgroup.newBuilder()
                        .setAllow(rule.path("allow").asBoolean())
                        .setType(rule.path("type").asText())
                        .setAccess(rule.path("access").asText());
        signed(rule, "major", view::setMajor);
        signed(rule, "minor", view::setMinor);
        return view.build();
    }

    private static void signed(JsonNode json, String name, Consumer<OptionalInt64> set) {
        if (json.has(name)) {
            set.accept(OptionalInt64.newBuilder().setValue(json.path(name).asLong()).build());
        }
    }

    private static void unsigned(JsonNode json, String name, Consumer<OptionalUInt64> set) {
        if (json.has(name)) {
            set.accept(
                    OptionalUInt64.newBuilder()
                            .setValue(json.path(name).bigIntegerValue().longValue())
                            .build());
        }
    }

    private static OptionalBool bool(boolean value) {
        return OptionalBool.newBuilder().setValue(value).build();
    }

    /** Puts limits into a spec; those that the machine cannot hold are dropped, as everywhere. */
    static void apply(LinuxResources asked, ObjectNode resources, HostLimits limits) {
        if (!asked.getMemory().equals(LinuxMemory.getDefaultInstance())) {
            apply(asked.getMemory(), resources.withObject("/memory"), limits);
        }
        if (!asked.getCpu().equals(LinuxCPU.getDefaultInstance())) {
            apply(asked.getCpu(), resources.withObject("/cpu"));
        }
        if (limits.hugepages()) {
            asked.getHugepageLimitsList().forEach(limit -> hugepages(limit, resources));
        }
        if (asked.getUnifiedCount() > 0) {
            asked.getUnifiedMap().forEach(resources.withObject("/unified")::put);
        }
        if (asked.hasPids()) {
            resources.withObject("/pids").put("limit", asked.getPids().getLimit());
        }
        for (var rule : asked.getDevicesList()) {
            var json = resources.withArray("/devices").addObject().put("allow", rule.getAllow());
            if (!rule.getType().isEmpty()) {
                json.put("type", rule.getType());
            }
            if (rule.hasMajor()) {
                json.put("major", rule.getMajor().getValue());
            }
            if (rule.hasMinor()) {
                json.put("minor", rule.getMinor().getValue());
            }
            json.put("access", rule.getAccess());
        }
    }

    private static void hugepages(HugepageLimit limit, ObjectNode resources) {
        var all = resources.withArray("/hugepageLimits");
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).path("pageSize").asText().equals(limit.getPageSize())) {
                all.remove(i);
            }
        }
        all.addObject()
                .put("pageSize", limit.getPageSize())
                .put("limit", SpecSeccomp.unsigned(limit.getLimit()));
    }

    private static void apply(LinuxMemory asked, ObjectNode memory, HostLimits limits) {
        if (asked.hasLimit() && asked.getLimit().getValue() != 0) {
            memory.put("limit", asked.getLimit().getValue());
            if (limits.swap() && !asked.hasSwap()) {
                memory.put("swap", asked.getLimit().getValue()); // no swap, as everywhere
            }
        }
        if (asked.hasReservation()) {
            memory.put("reservation", asked.getReservation().getValue());
        }
        if (asked.hasSwap() && limits.swap()) {
            memory.put("swap", asked.getSwap().getValue());
        }
        if (asked.hasKernel()) {
            memory.put("kernel", asked.getKernel().getValue());
        }
        if (asked.hasKernelTcp()) {
            memory.put("kernelTCP", asked.getKernelTcp().getValue());
        }
        if (asked.hasSwappiness()) {
            memory.put("swappiness", SpecSeccomp.unsigned(asked.getSwappiness().getValue()));
        }
        if (asked.hasDisableOomKiller()) {
            memory.put("disableOOMKiller", asked.getDisableOomKiller().getValue());
        }
        if (asked.hasUseHierarchy()) {
            memory.put("useHierarchy", asked.getUseHierarchy().getValue());
        }
    }

    private static void apply(LinuxCPU asked, ObjectNode cpu) {
        if (asked.hasShares()) {
            cpu.put("shares", SpecSeccomp.unsigned(asked.getShares().getValue()));
        }
        if (asked.hasQuota()) {
            cpu.put("quota", asked.getQuota().getValue());
        }
        if (asked.hasPeriod()) {
            cpu.put("period", SpecSeccomp.unsigned(asked.getPeriod().getValue()));
        }
        if (asked.hasRealtimeRuntime()) {
            cpu.put("realtimeRuntime", asked.getRealtimeRuntime().getValue());
        }
        if (asked.hasRealtimePeriod()) {
            cpu.put("realtimePeriod", SpecSeccomp.unsigned(asked.getRealtimePeriod().getValue()));
        }
        if (!asked.getCpus().isEmpty()) {
            cpu.put("cpus", asked.getCpus());
        }
        if (!asked.getMems().isEmpty()) {
            cpu.put("mems", asked.getMems());
        }
    }
}
