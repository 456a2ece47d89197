package io.berth.sandbox.nri;

import io.berth.nri.v1.ContainerAdjustment;
import io.berth.nri.v1.CreateContainerRequest;
import io.berth.nri.v1.Field;
import io.berth.nri.v1.Hooks;
import io.berth.nri.v1.KeyValue;
import io.berth.nri.v1.LinuxCPU;
import io.berth.nri.v1.LinuxContainerAdjustment;
import io.berth.nri.v1.LinuxMemory;
import io.berth.nri.v1.LinuxNamespace;
import io.berth.nri.v1.LinuxNetDevice;
import io.berth.nri.v1.LinuxRdt;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What plugins make of a container, one after the other: each sees the container with the changes
 * of those before it, and may take away or replace what they have set only by saying so. A key that
 * begins with {@code -} takes an entry away.
 */
final class CreateMerge {
    private static final String AWAY = "-";

    private final CreateContainerRequest.Builder request;
    private final ContainerAdjustment.Builder adjust = nothing();
    private final Owners owners;
    private final String id;

    CreateMerge(CreateContainerRequest request, Owners owners) {
        this.request = request.toBuilder();
        this.owners = owners;
        this.id = request.getContainer().getId();
    }

    /** Validators find every message there, also where nothing has changed. */
    private static ContainerAdjustment.Builder nothing() {
        var nothing = ContainerAdjustment.newBuilder().setHooks(Hooks.getDefaultInstance());
        nothing.getLinuxBuilder()
                .getResourcesBuilder()
                .setMemory(LinuxMemory.getDefaultInstance())
                .setCpu(LinuxCPU.getDefaultInstance());
        return nothing;
    }

    /** Whether no plugin has changed anything. */
    boolean unchanged() {
        return adjust.build().equals(nothing().build());
    }

    /** What the next plugin is shown. */
    CreateContainerRequest request() {
        return request.build();
    }

    /** All changes so far. */
    ContainerAdjustment adjustment() {
        return adjust.build();
    }

    /**
     * Adds one plugin's changes.
     *
     * @throws io.berth.sandbox.SandboxException.Failed if two plugins set the same
     */
    void add(ContainerAdjustment asked, String plugin) {
        var seen = request.getContainerBuilder();
        var annotations =
                new Pairs<>(seen.getAnnotationsMap(), adjust.getAnnotationsMap())
                        .merge(asked.getAnnotationsMap(), Field.Annotations, plugin, "");
        seen.clearAnnotations().putAllAnnotations(annotations.seen);
        adjust.clearAnnotations().putAllAnnotations(annotations.all);
        var mounts = new Entries<>(adjust.getMountsList(), each -> each.getDestination());
        mounts.merge(asked.getMountsList(), Field.Mounts, plugin);
        adjust.clearMounts().addAllMounts(mounts.all);
        var seenMounts = mounts.over(seen.getMountsList(), each -> each.getDestination());
        seen.clearMounts().addAllMounts(seenMounts);
        environment(asked.getEnvList(), plugin);
        arguments(asked.getArgsList(), plugin);
        hooks(asked.getHooks(), plugin);
        for (var limit : asked.getRlimitsList()) {
            owners.claim(id, Field.Rlimits, limit.getType(), plugin);
            seen.addRlimits(limit);
            adjust.addRlimits(limit);
        }
        for (var device : asked.getCDIDevicesList()) {
            owners.claim(id, Field.CdiDevices, device.getName(), plugin);
            adjust.addCDIDevices(device);
        }
        if (asked.hasLinux()) {
            linux(asked.getLinux(), plugin);
        }
    }

    private void linux(LinuxContainerAdjustment asked, String plugin) {
        var seen = request.getContainerBuilder().getLinuxBuilder();
        var linux = adjust.getLinuxBuilder();
        var devices = new Entries<>(linux.getDevicesList(), each -> each.getPath());
        devices.merge(asked.getDevicesList(), Field.Devices, plugin);
        linux.clearDevices().addAllDevices(devices.all);
        var seenDevices = devices.over(seen.getDevicesList(), each -> each.getPath());
        seen.clearDevices().addAllDevices(seenDevices);
        asked.getNamespacesList().forEach(each -> namespace(each, plugin));
        if (asked.hasResources()) {
            ResourceMerge.claim(owners, id, asked.getResources(), plugin);
            ResourceMerge.overlay(asked.getResources(), seen.getResourcesBuilder());
            ResourceMerge.overlay(asked.getResources(), linux.getResourcesBuilder());
        }
        var sysctls =
                new Pairs<>(seen.getSysctlMap(), linux.getSysctlMap())
                        .merge(asked.getSysctlMap(), Field.Sysctl, plugin, "");
        seen.clearSysctl().putAllSysctl(sysctls.seen);
        linux.clearSysctl().putAllSysctl(sysctls.all);
        var none = LinuxNetDevice.getDefaultInstance();
        var network =
                new Pairs<>(seen.getNetDevicesMap(), linux.getNetDevicesMap())
                        .merge(asked.getNetDevicesMap(), Field.LinuxNetDevices, plugin, none);
        seen.clearNetDevices().putAllNetDevices(network.seen);
        linux.clearNetDevices().putAllNetDevices(network.all);
        rdt(asked, plugin);
        single(asked, plugin);
    }

    /** Nobody takes away what another has set, and what one has taken away nobody sets anew. */
    private void namespace(LinuxNamespace asked, String plugin) {
        var away = asked.getType().startsWith(AWAY);
        var type = away ? asked.getType().substring(1) : asked.getType();
        owners.claim(id, Field.Namespace, type, plugin);
        adjust.getLinuxBuilder().addNamespaces(asked);
        var seen = request.getContainerBuilder().getLinuxBuilder();
        var kept = new ArrayList<>(seen.getNamespacesList());
        kept.removeIf(each -> each.getType().equals(type));
        if (!away) {
            kept.add(asked);
        }
        seen.clearNamespaces().addAllNamespaces(kept);
    }

    /** What there is one of. */
    private void single(LinuxContainerAdjustment asked, String plugin) {
        var seen = request.getContainerBuilder().getLinuxBuilder();
        var linux = adjust.getLinuxBuilder();
        if (!asked.getCgroupsPath().isEmpty()) {
            owners.claim(id, Field.CgroupsPath, plugin);
            seen.setCgroupsPath(asked.getCgroupsPath());
            linux.setCgroupsPath(asked.getCgroupsPath());
        }
        if (asked.hasOomScoreAdj()) {
            owners.claim(id, Field.OomScoreAdj, plugin);
            seen.setOomScoreAdj(asked.getOomScoreAdj());
            linux.setOomScoreAdj(asked.getOomScoreAdj());
        }
        if (asked.hasIoPriority()) {
            owners.claim(id, Field.IoPriority, plugin);
            seen.setIoPriority(asked.getIoPriority());
            linux.setIoPriority(asked.getIoPriority());
        }
        if (asked.hasSeccompPolicy()) {
            owners.claim(id, Field.SeccompPolicy, plugin);
            seen.setSeccompPolicy(asked.getSeccompPolicy());
            linux.setSeccompPolicy(asked.getSeccompPolicy());
        }
        if (asked.hasScheduler()) {
            owners.claim(id, Field.LinuxSched, plugin);
            seen.setScheduler(asked.getScheduler());
            linux.setScheduler(asked.getScheduler());
        }
        if (asked.hasMemoryPolicy()) {
            owners.claim(id, Field.MemoryPolicy, plugin);
            linux.setMemoryPolicy(asked.getMemoryPolicy());
        }
    }

    private void rdt(LinuxContainerAdjustment asked, String plugin) {
        if (!asked.hasRdt()) {
            return;
        }
        var rdt = adjust.getLinuxBuilder().getRdtBuilder();
        LinuxRdt wanted = asked.getRdt();
        if (wanted.getRemove()) {
            for (var field :
                    List.of(Field.RdtClosID, Field.RdtSchemata, Field.RdtEnableMonitoring)) {
                owners.clear(id, field, "", plugin);
            }
            rdt.clear().setRemove(true);
        }
        if (wanted.hasClosId()) {
            owners.claim(id, Field.RdtClosID, plugin);
            rdt.setClosId(wanted.getClosId()).setRemove(false);
        }
        if (wanted.hasSchemata()) {
            owners.claim(id, Field.RdtSchemata, plugin);
            rdt.setSchemata(wanted.getSchemata()).setRemove(false);
        }
        if (wanted.hasEnableMonitoring()) {
            owners.claim(id, Field.RdtEnableMonitoring, plugin);
            rdt.setEnableMonitoring(wanted.getEnableMonitoring()).setRemove(false);
        }
    }

    private void environment(List<KeyValue> asked, String plugin) {
        var variables = new Entries<>(adjust.getEnvList(), each -> each.getKey());
        variables.merge(asked, Field.Env, plugin);
        adjust.clearEnv().addAllEnv(variables.all);
        var seen = request.getContainerBuilder();
        var kept = new ArrayList<String>();
        for (var each : seen.getEnvList()) {
            if (!variables.touched.contains(each.split("=", 2)[0])) {
                kept.add(each);
            }
        }
        variables.added.forEach(each -> kept.add(each.getKey() + "=" + each.getValue()));
        seen.clearEnv().addAllEnv(kept);
    }

    private void arguments(List<String> asked, String plugin) {
        if (asked.isEmpty()) {
            return;
        }
        var arguments = asked;
        if (asked.getFirst().isEmpty()) {
            owners.clear(id, Field.Args, "", plugin);
            arguments = asked.subList(1, asked.size());
        }
        owners.claim(id, Field.Args, plugin);
        adjust.clearArgs().addAllArgs(arguments);
        request.getContainerBuilder().clearArgs().addAllArgs(arguments);
    }

    /** Every plugin may add some. */
    private void hooks(Hooks asked, String plugin) {
        if (!asked.equals(Hooks.getDefaultInstance())) {
            owners.share(id, Field.OciHooks, plugin);
            adjust.getHooksBuilder().mergeFrom(asked);
            request.getContainerBuilder().getHooksBuilder().mergeFrom(asked);
        }
    }

    /** A map as the next plugin sees it, and all changes of it, with one plugin's put over both. */
    private final class Pairs<V> {
        private final Map<String, V> seen;
        private final Map<String, V> all;

        Pairs(Map<String, V> seen, Map<String, V> all) {
            this.seen = new LinkedHashMap<>(seen);
            this.all = new LinkedHashMap<>(all);
        }

        Pairs<V> merge(Map<String, V> asked, Field field, String plugin, V none) {
            for (var key : asked.keySet()) {
                if (key.startsWith(AWAY)) {
                    var gone = key.substring(1);
                    owners.release(id, field, gone, plugin);
                    seen.remove(gone);
                    all.remove(gone);
                    all.put(key, none);
                }
            }
            asked.forEach(
                    (key, value) -> {
                        if (!key.startsWith(AWAY)) {
                            owners.claim(id, field, key, plugin);
                            seen.put(key, value);
                            all.remove(AWAY + key);
                            all.put(key, value);
                        }
                    });
            return this;
        }
    }

    /** The entries of a list that are told apart by a key, with one plugin's put over them. */
    private final class Entries<T> {
        private final List<T> all;
        private final Function<T, String> key;
        private final List<T> added = new ArrayList<>();
        private final Set<String> touched = new HashSet<>();

        Entries(List<T> before, Function<T, String> key) {
            this.all = new ArrayList<>(before);
            this.key = key;
        }

        void merge(List<T> asked, Field field, String plugin) {
            var removals = new LinkedHashMap<String, T>();
            for (var each : asked) {
                if (key.apply(each).startsWith(AWAY)) {
                    var gone = key.apply(each).substring(1);
                    owners.release(id, field, gone, plugin);
                    removals.put(gone, each);
                }
            }
            touched.addAll(removals.keySet());
            all.removeIf(each -> removals.containsKey(key.apply(each)));
            for (var each : asked) {
                if (!key.apply(each).startsWith(AWAY)) {
                    owners.claim(id, field, key.apply(each), plugin);
                    touched.add(key.apply(each));
                    removals.remove(key.apply(each));
                    all.removeIf(other -> key.apply(other).equals(AWAY + key.apply(each)));
                    added.add(each);
                    all.add(each);
                }
            }
            all.addAll(removals.values());
        }

        /** What a list looks like after it. */
        List<T> over(List<T> before, Function<T, String> name) {
            var after = new ArrayList<T>();
            for (var each : before) {
                if (!touched.contains(name.apply(each))) {
                    after.add(each);
                }
            }
            after.addAll(added);
            return after;
        }
    }
}
