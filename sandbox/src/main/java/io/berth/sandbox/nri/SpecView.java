package io.berth.sandbox.nri;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.nri.v1.Container;
import io.berth.nri.v1.Hook;
import io.berth.nri.v1.Hooks;
import io.berth.nri.v1.IOPrioClass;
import io.berth.nri.v1.LinuxContainer;
import io.berth.nri.v1.LinuxDevice;
import io.berth.nri.v1.LinuxIOPriority;
import io.berth.nri.v1.LinuxNamespace;
import io.berth.nri.v1.LinuxNetDevice;
import io.berth.nri.v1.LinuxRdt;
import io.berth.nri.v1.LinuxScheduler;
import io.berth.nri.v1.LinuxSchedulerFlag;
import io.berth.nri.v1.LinuxSchedulerPolicy;
import io.berth.nri.v1.Mount;
import io.berth.nri.v1.OptionalBool;
import io.berth.nri.v1.OptionalFileMode;
import io.berth.nri.v1.OptionalInt;
import io.berth.nri.v1.OptionalRepeatedString;
import io.berth.nri.v1.OptionalString;
import io.berth.nri.v1.OptionalUInt32;
import io.berth.nri.v1.POSIXRlimit;
import io.berth.nri.v1.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What plugins are shown of an OCI config.json (runtime-spec, config.md). */
final class SpecView {
    private SpecView() {}

    /** Adds everything that stands in the spec. */
    static void describe(JsonNode spec, Container.Builder view) {
        view.putAllAnnotations(strings(spec.path("annotations")));
        var process = spec.path("process");
        view.addAllArgs(list(process.path("args")));
        view.addAllEnv(list(process.path("env")));
        for (var mount : spec.path("mounts")) {
            view.addMounts(
                    Mount.newBuilder()
                            .setDestination(mount.path("destination").asText())
                            .setType(mount.path("type").asText())
                            .setSource(mount.path("source").asText())
                            .addAllOptions(list(mount.path("options"))));
        }
        view.setHooks(hooks(spec.path("hooks")));
        for (var limit : process.path("rlimits")) {
            view.addRlimits(
                    POSIXRlimit.newBuilder()
                            .setType(limit.path("type").asText())
                            .setHard(limit.path("hard").bigIntegerValue().longValue())
                            .setSoft(limit.path("soft").bigIntegerValue().longValue()));
        }
        var user = process.path("user");
        var groups = new ArrayList<Integer>();
        user.path("additionalGids").forEach(group -> groups.add((int) group.asLong()));
        view.setUser(
                User.newBuilder()
                        .setUid((int) user.path("uid").asLong())
                        .setGid((int) user.path("gid").asLong())
                        .addAllAdditionalGids(groups));
        linux(spec, view.getLinuxBuilder());
    }

    private static void linux(JsonNode spec, LinuxContainer.Builder view) {
        var linux = spec.path("linux");
        var process = spec.path("process");
        view.addAllNamespaces(namespaces(spec));
        linux.path("devices").forEach(device -> view.addDevices(device(device)));
        view.setResources(SpecResources.view(linux.path("resources")));
        if (process.has("oomScoreAdj")) {
            view.setOomScoreAdj(
                    OptionalInt.newBuilder().setValue(process.path("oomScoreAdj").asLong()));
        }
        view.setCgroupsPath(linux.path("cgroupsPath").asText());
        var priority = process.path("ioPriority");
        if (priority.isObject()) {
            view.setIoPriority(
                    LinuxIOPriority.newBuilder()
                            .setClass_(IOPrioClass.valueOf(priority.path("class").asText()))
                            .setPriority(priority.path("priority").asInt()));
        }
        if (linux.path("seccomp").isObject()) {
            view.setSeccompPolicy(SpecSeccomp.view(linux.path("seccomp")));
        }
        view.putAllSysctl(strings(linux.path("sysctl")));
        linux.path("netDevices")
                .properties()
                .forEach(
                        each ->
                                view.putNetDevices(
                                        each.getKey(),
                                        LinuxNetDevice.newBuilder()
                                                .setName(each.getValue().path("name").asText())
                                                .build()));
        if (process.path("scheduler").isObject()) {
            view.setScheduler(scheduler(process.path("scheduler")));
        }
        if (linux.path("intelRdt").isObject()) {
            view.setRdt(rdt(linux.path("intelRdt")));
        }
    }

    private static LinuxScheduler scheduler(JsonNode scheduler) {
        var view =
                LinuxScheduler.newBuilder()
                        .setPolicy(LinuxSchedulerPolicy.valueOf(scheduler.path("policy").asText()))
                        .setNice(scheduler.path("nice").asInt())
                        .setPriority(scheduler.path("priority").asInt())
                        .setRuntime(scheduler.path("runtime").bigIntegerValue().longValue())
                        .setDeadline(scheduler.path("deadline").bigIntegerValue().longValue())
                        .setPeriod(scheduler.path("period").bigIntegerValue().longValue());
        list(scheduler.path("flags"))
                .forEach(flag -> view.addFlags(LinuxSchedulerFlag.valueOf(flag)));
        return view.build();
    }

    private static LinuxRdt rdt(JsonNode rdt) {
        return LinuxRdt.newBuilder()
                .setClosId(OptionalString.newBuilder().setValue(rdt.path("closID").asText()))
                .setSchemata(
                        OptionalRepeatedString.newBuilder().addAllValue(list(rdt.path("schemata"))))
                .setEnableMonitoring(
                        OptionalBool.newBuilder()
                                .setValue(rdt.path("enableMonitoring").asBoolean()))
                .build();
    }

    /** The namespaces of a pod's or a container's spec. */
    static List<LinuxNamespace> namespaces(JsonNode spec) {
        var found = new ArrayList<LinuxNamespace>();
        for (var namespace : spec.path("linux").path("namespaces")) {
            found.add(
                    LinuxNamespace.newBuilder()
                            .setType(namespace.path("type").asText())
                            .setPath(namespace.path("path").asText())
                            .build());
        }
        return found;
    }

    private static LinuxDevice device(JsonNode device) {
        var view =
                LinuxDevice.newBuilder()
                        .setPath(device.path("path").asText())
                        .setType(device.path("type").asText())
                        .setMajor(device.path("major").asLong())
                        .setMinor(device.path("minor").asLong());
        if (device.has("fileMode")) {
            view.setFileMode(
                    OptionalFileMode.newBuilder().setValue(device.path("fileMode").asInt()));
        }
        if (device.has("uid")) {
            view.setUid(OptionalUInt32.newBuilder().setValue((int) device.path("uid").asLong()));
        }
        if (device.has("gid")) {
            view.setGid(OptionalUInt32.newBuilder().setValue((int) device.path("gid").asLong()));
        }
        return view.build();
    }

    private static Hooks hooks(JsonNode hooks) {
        var view = Hooks.newBuilder();
        hooks.path("prestart").forEach(hook -> view.addPrestart(hook(hook)));
        hooks.path("createRuntime").forEach(hook -> view.addCreateRuntime(hook(hook)));
        hooks.path("createContainer").forEach(hook -> view.addCreateContainer(hook(hook)));
        hooks.path("startContainer").forEach(hook -> view.addStartContainer(hook(hook)));
        hooks.path("poststart").forEach(hook -> view.addPoststart(hook(hook)));
        hooks.path("poststop").forEach(hook -> view.addPoststop(hook(hook)));
        return view.build();
    }

    private static Hook hook(JsonNode hook) {
        var view =
                Hook.newBuilder()
                        .setPath(hook.path("path").asText())
                        .addAllArgs(list(hook.path("args")))
                        .addAllEnv(list(hook.path("env")));
        if (hook.has("timeout")) {
            view.setTimeout(OptionalInt.newBuilder().setValue(hook.path("timeout").asLong()));
        }
        return view.build();
    }

    static List<String> list(JsonNode array) {
        var found = new ArrayList<String>();
        array.forEach(each -> found.add(each.asText()));
        return found;
    }

    static Map<String, String> strings(JsonNode object) {
        var found = new TreeMap<String, String>();
        object.properties().forEach(each -> found.put(each.getKey(), each.getValue().asText()));
        return found;
    }
}
