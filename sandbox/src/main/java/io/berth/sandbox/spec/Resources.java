package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.SandboxException;
import java.math.BigInteger;

/** Cgroup limits (runtime-spec, config-linux.md); a zero in the request leaves the kernel's own. */
final class Resources {
    /** The least weight there is: the pause process only waits. */
    private static final int PAUSE_CPU_SHARES = 2;

    private Resources() {}

    static ObjectNode ofPause() {
        var json = OciJson.object();
        json.set("devices", Devices.rules());
        json.putObject("cpu").put("shares", PAUSE_CPU_SHARES);
        return json;
    }

    /**
     * @throws SandboxException.InvalidRequest for cgroup v2 files on a machine with cgroup v1
     */
    static ObjectNode of(LinuxContainerResources asked, HostLimits limits) {
        var json = OciJson.object();
        json.set("devices", Devices.rules());
        setUnlessEmpty(json, "cpu", cpu(asked));
        setUnlessEmpty(json, "memory", memory(asked, limits));
        if (limits.hugepages() && asked.getHugepageLimitsCount() > 0) {
            var pages = json.putArray("hugepageLimits");
            for (var limit : asked.getHugepageLimitsList()) {
                pages.addObject()
                        .put("pageSize", limit.getPageSize())
                        .put("limit", new BigInteger(Long.toUnsignedString(limit.getLimit())));
            }
        }
        if (asked.getUnifiedCount() > 0) {
            if (!limits.cgroupV2()) {
                throw new SandboxException.InvalidRequest(
                        "config.linux.resources.unified: found %s, but this machine has cgroup v1"
                                .formatted(asked.getUnifiedMap().keySet()));
            }
            json.set("unified", OciJson.object(asked.getUnifiedMap()));
        }
        return json;
    }

    private static ObjectNode cpu(LinuxContainerResources asked) {
        var cpu = OciJson.object();
        putUnlessZero(cpu, "shares", asked.getCpuShares());
        putUnlessZero(cpu, "quota", asked.getCpuQuota());
        putUnlessZero(cpu, "period", asked.getCpuPeriod());
        putUnlessEmpty(cpu, "cpus", asked.getCpusetCpus());
        putUnlessEmpty(cpu, "mems", asked.getCpusetMems());
        return cpu;
    }

    /** Memory and swap together may not exceed the limit unless asked: no swap by default. */
    private static ObjectNode memory(LinuxContainerResources asked, HostLimits limits) {
        var memory = OciJson.object();
        putUnlessZero(memory, "limit", asked.getMemoryLimitInBytes());
        if (limits.swap()) {
            var swap = asked.getMemorySwapLimitInBytes();
            putUnlessZero(memory, "swap", swap == 0 ? asked.getMemoryLimitInBytes() : swap);
        }
        return memory;
    }

    private static void putUnlessZero(ObjectNode json, String name, long value) {
        if (value != 0) {
            json.put(name, value);
        }
    }

    private static void putUnlessEmpty(ObjectNode json, String name, String value) {
        if (!value.isEmpty()) {
            json.put(name, value);
        }
    }

    private static void setUnlessEmpty(ObjectNode json, String name, ObjectNode value) {
        if (!value.isEmpty()) {
            json.set(name, value);
        }
    }
}
