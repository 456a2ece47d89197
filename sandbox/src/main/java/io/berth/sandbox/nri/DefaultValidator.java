package io.berth.sandbox.nri;

import io.berth.nri.v1.Field;
import io.berth.nri.v1.PluginInstance;
import io.berth.nri.v1.PodSandbox;
import io.berth.nri.v1.ValidateContainerAdjustmentRequest;
import io.berth.sandbox.SandboxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Holds what plugins want of a container against what the operator lets them. */
final class DefaultValidator {
    /** The annotation by which a pod requires further plugins, as a list in YAML. */
    static final String REQUIRED = "required-plugins.noderesource.dev";

    /** How it is listed among the plugins that were asked. */
    static final PluginInstance NAME =
            PluginInstance.newBuilder().setName("default-validator").setIndex("00").build();

    private static final int MAX_LIST = 1 << 16;

    private final NriSettings.Validation allowed;

    DefaultValidator(NriSettings.Validation allowed) {
        this.allowed = allowed;
    }

    /**
     * @throws SandboxException.Failed naming the plugin and what it may not do
     */
    void check(ValidateContainerAdjustmentRequest request, Owners owners) {
        if (!allowed.enabled()) {
            return;
        }
        var id = request.getContainer().getId();
        if (allowed.hooks()) {
            reject(owners.of(id, Field.OciHooks), "OCI hooks");
        }
        seccomp(request, owners.of(id, Field.SeccompPolicy));
        if (allowed.namespaces()) {
            var entries = owners.entries(id, Field.Namespace);
            reject(entries.values().stream().findFirst(), "namespaces " + entries.keySet());
        }
        if (allowed.sysctls()) {
            var entries = owners.entries(id, Field.Sysctl);
            reject(entries.values().stream().findFirst(), "sysctls " + entries.keySet());
        }
        requirePlugins(request);
    }

    private void seccomp(ValidateContainerAdjustmentRequest request, Optional<String> owner) {
        var linux = request.getContainer().getLinux();
        if (!linux.hasSeccompProfile()) {
            if (allowed.seccompUnconfined()) {
                reject(owner, "the seccomp filter of an unconfined container");
            }
            return;
        }
        switch (linux.getSeccompProfile().getProfileType()) {
            case UNCONFINED -> {
                if (allowed.seccompUnconfined()) {
                    reject(owner, "the seccomp filter of an unconfined container");
                }
            }
            case RUNTIME_DEFAULT -> {
                if (allowed.seccompDefault()) {
                    reject(owner, "the runtime's default seccomp filter");
                }
            }
            case LOCALHOST -> {
                if (allowed.seccompCustom()) {
                    reject(owner, "a seccomp filter of the container's own");
                }
            }
            case UNRECOGNIZED -> {}
        }
    }

    private static void reject(Optional<String> owner, String what) {
        owner.ifPresent(
                plugin -> {
                    throw new SandboxException.Failed(
                            "nri plugin %s: sets %s, which [nri.validator] rejects"
                                    .formatted(plugin, what));
                });
    }

    private void requirePlugins(ValidateContainerAdjustmentRequest request) {
        var container = request.getContainer().getName();
        if (!allowed.toleratedBy().isEmpty()
                && annotation(request.getPod(), allowed.toleratedBy(), container)
                        .filter(this::tolerates)
                        .isPresent()) {
            return;
        }
        var required = new ArrayList<>(allowed.requiredPlugins());
        annotation(request.getPod(), REQUIRED, container)
                .ifPresent(value -> required.addAll(names(value)));
        var present = new HashSet<String>();
        for (PluginInstance plugin : request.getPluginsList()) {
            present.add(plugin.getName());
            present.add(plugin.getIndex() + "-" + plugin.getName());
        }
        required.removeAll(present);
        if (!required.isEmpty()) {
            throw new SandboxException.Failed(
                    "nri plugins %s: required, but not connected".formatted(required));
        }
    }

    /** A pod's annotation: for one container, for the pod, or for both by the plain key. */
    private static Optional<String> annotation(PodSandbox pod, String key, String container) {
        for (var each : List.of(key + "/container." + container, key + "/pod", key)) {
            if (pod.containsAnnotations(each)) {
                return Optional.of(pod.getAnnotationsOrThrow(each));
            }
        }
        return Optional.empty();
    }

    private boolean tolerates(String value) {
        return switch (value) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default ->
                    throw new SandboxException.Failed(
                            "annotation %s: found '%s', wanted true or false"
                                    .formatted(allowed.toleratedBy(), value));
        };
    }

    private static List<String> names(String value) {
        var wanted =
                "annotation %s: found '%s', wanted a YAML list such as [a, b]"
                        .formatted(REQUIRED, value);
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_LIST);
        options.setMaxAliasesForCollections(0);
        Object loaded;
        try {
            loaded = new Yaml(new SafeConstructor(options)).load(value);
        } catch (YAMLException none) {
            throw new SandboxException.Failed(wanted, none);
        }
        if (loaded instanceof List<?> list) {
            return list.stream().map(String::valueOf).toList();
        }
        throw new SandboxException.Failed(wanted);
    }
}
