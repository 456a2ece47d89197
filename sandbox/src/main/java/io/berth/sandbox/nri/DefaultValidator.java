package io.berth.sandbox.nri;

import io.berth.nri.v1.Field;
import io.berth.nri.v1.PluginInstance;
import io.berth.nri.v1.PodSandbox;
import io.berth.nri.v1.ValidateContainerAdjustmentRequest;
import io.berth.sandbox.SandboxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Holds what plugins want of a container against what the operator lets them. */
final class DefaultValidator {
    /** The annotation by which a pod requires further plugins, as a list in YAML's flow style. */
    static final String REQUIRED = "required-plugins.noderesource.dev";

    private static final Pattern LIST = Pattern.compile("\\s*\\[?([^\\[\\]]*)]?\\s*");

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
                        .filter(value -> value.equals("true"))
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

    private static List<String> names(String value) {
        var match = LIST.matcher(value);
        if (!match.matches()) {
            throw new SandboxException.Failed(
                    "annotation %s: found '%s', wanted a list such as [a, b]"
                            .formatted(REQUIRED, value));
        }
        return Arrays.stream(match.group(1).split(",", -1))
                .map(each -> each.strip().replaceAll("^[\"']|[\"']$", ""))
                .filter(each -> !each.isEmpty())
                .toList();
    }
}
