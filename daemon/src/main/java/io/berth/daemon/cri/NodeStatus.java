package io.berth.daemon.cri;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.berth.cni.LoadedNetworks;
import io.berth.cni.NetworkStatus;
import io.berth.cri.v1.CgroupDriver;
import io.berth.cri.v1.LinuxRuntimeConfiguration;
import io.berth.cri.v1.RuntimeCondition;
import io.berth.cri.v1.RuntimeConfigResponse;
import io.berth.cri.v1.RuntimeFeatures;
import io.berth.cri.v1.RuntimeHandler;
import io.berth.cri.v1.RuntimeHandlerFeatures;
import io.berth.cri.v1.RuntimeStatus;
import io.berth.cri.v1.StatusResponse;
import io.berth.cri.v1.VersionResponse;
import io.berth.sandbox.runtime.Feature;
import io.berth.sandbox.runtime.HandlerFeatures;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.settings.ShimType;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the node says about itself, from memory: nothing is asked while a caller waits. */
public final class NodeStatus {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String NAME = "berth";

    private final SandboxSettings settings;
    private final Supplier<NetworkStatus> network;
    private final Supplier<LoadedNetworks> networks;
    private final Supplier<List<String>> warnings;
    private final String version;
    private final Function<String, HandlerFeatures> handlers;
    private final Clock clock;

    /**
     * @param network the sampled state of the pod network
     * @param networks what is loaded
     * @param warnings what an operator should see beside the conditions, such as refused drop-ins
     * @param version of berth
     * @param handlers what each runtime handler can do, as sampled
     */
    public NodeStatus(
            SandboxSettings settings,
            Supplier<NetworkStatus> network,
            Supplier<LoadedNetworks> networks,
            Supplier<List<String>> warnings,
            String version,
            Function<String, HandlerFeatures> handlers,
            Clock clock) {
        this.settings = settings;
        this.network = network;
        this.networks = networks;
        this.warnings = warnings;
        this.version = version;
        this.handlers = handlers;
        this.clock = clock;
    }

    VersionResponse version() {
        return VersionResponse.newBuilder()
                .setVersion("0.1.0")
                .setRuntimeName(NAME)
                .setRuntimeVersion(version)
                .setRuntimeApiVersion("v1")
                .build();
    }

    StatusResponse status(boolean verbose) {
        var sampled = network.get();
        var age = Duration.between(sampled.sampledAt(), clock.instant()).toSeconds();
        var response =
                StatusResponse.newBuilder()
                        .setStatus(
                                RuntimeStatus.newBuilder()
                                        .addConditions(
                                                RuntimeCondition.newBuilder()
                                                        .setType("RuntimeReady")
                                                        .setStatus(true))
                                        .addConditions(
                                                RuntimeCondition.newBuilder()
                                                        .setType("NetworkReady")
                                                        .setStatus(sampled.ready())
                                                        .setReason(sampled.reason())
                                                        .setMessage(sampled.message())))
                        .setFeatures(
                                RuntimeFeatures.newBuilder()
                                        .setSupplementalGroupsPolicy(true)
                                        .setMountOptions(true));
        settings.runtimes().keySet().stream()
                .sorted()
                .forEach(name -> response.addRuntimeHandlers(handler(name)));
        response.addRuntimeHandlers(handler(""));
        response.getFeaturesBuilder()
                .setUserNamespacesHostNetwork(
                        response.getRuntimeHandlersList().stream()
                                .anyMatch(handler -> handler.getFeatures().getUserNamespaces()));
        if (verbose) {
            response.putInfo("config", config());
            var loaded = networks.get();
            response.putInfo("cniconfig", loaded.configJson());
            response.putInfo("lastCNILoadStatus", loaded.loadStatus());
            response.putInfo("lastCNILoadStatus.default", loaded.loadStatus());
            response.putInfo("networkSampledSecondsAgo", Long.toString(age));
            response.putInfo("features", features());
            response.putInfo("warnings", JSON.valueToTree(warnings.get()).toString());
        }
        return response.build();
    }

    private RuntimeHandler handler(String name) {
        var features = handlers.apply(name);
        return RuntimeHandler.newBuilder()
                .setName(name)
                .setFeatures(
                        RuntimeHandlerFeatures.newBuilder()
                                .setRecursiveReadOnlyMounts(features.recursiveReadOnly().present())
                                .setUserNamespaces(features.userNamespaces().present()))
                .build();
    }

    /** What each handler can do, or why it cannot. */
    private String features() {
        var features = new TreeMap<String, Object>();
        for (var name : settings.runtimes().keySet()) {
            var has = handlers.apply(name);
            var words = new TreeMap<String, String>();
            words.put("recursiveReadOnlyMounts", word(has.recursiveReadOnly()));
            words.put("userNamespaces", word(has.userNamespaces()));
            features.put(name, words);
        }
        return JSON.valueToTree(features).toString();
    }

    private static String word(Feature feature) {
        return feature.present() ? "yes" : feature.reason();
    }

    private String config() {
        var config = new LinkedHashMap<String, Object>();
        config.put("rootDir", settings.root().toString());
        config.put("stateDir", settings.state().toString());
        config.put("defaultRuntime", settings.defaultRuntime());
        var runtimes = new TreeMap<String, Object>();
        settings.runtimes().forEach((name, handler) -> runtimes.put(name, runtime(handler)));
        config.put("runtimes", runtimes);
        config.put("runtimeName", NAME);
        config.put("runtimeVersion", version);
        config.put("cgroupParent", settings.cgroupParent());
        config.put("nativeProgram", settings.nativeProgram().toString());
        return JSON.valueToTree(config).toString();
    }

    /** By the names that containerd has for the same. */
    private static Map<String, Object> runtime(SandboxSettings.RuntimeHandler handler) {
        var shown = new LinkedHashMap<String, Object>();
        shown.put("runtimeType", ShimType.of(handler.shim()).name());
        shown.put("runtimePath", handler.shim().toString());
        handler.binary().ifPresent(binary -> shown.put("binaryName", binary.toString()));
        shown.put("systemdCgroup", handler.systemdCgroup());
        shown.put("PodAnnotations", handler.options().podAnnotations());
        shown.put("ContainerAnnotations", handler.options().containerAnnotations());
        shown.put("snapshotter", handler.options().snapshotter().orElse(""));
        shown.put("privileged_without_host_devices", handler.privilegedWithoutHostDevices());
        return shown;
    }

    RuntimeConfigResponse runtimeConfig() {
        var systemd =
                settings.handler("")
                        .map(SandboxSettings.RuntimeHandler::systemdCgroup)
                        .orElse(false);
        return RuntimeConfigResponse.newBuilder()
                .setLinux(
                        LinuxRuntimeConfiguration.newBuilder()
                                .setCgroupDriver(
                                        systemd ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS))
                .build();
    }
}
