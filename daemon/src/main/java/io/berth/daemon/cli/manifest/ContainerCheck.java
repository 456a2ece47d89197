package io.berth.daemon.cli.manifest;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the values of containers, each after those before it. */
final class ContainerCheck {
    private final Problems problems;
    private final Set<String> volumes;
    private final PodSpec pod;
    private final Set<String> names = new HashSet<>();
    private final Set<String> hostPorts = new HashSet<>();

    /**
     * @param volumes the names of the pod's volumes
     */
    ContainerCheck(Problems problems, Set<String> volumes, PodSpec pod) {
        this.problems = problems;
        this.volumes = volumes;
        this.pod = pod;
    }

    /** Notes every value of the container at a path that cannot be honoured. */
    void check(String path, Container container) {
        var name = container.getName();
        if (name == null || !PodCheck.LABEL.matcher(name).matches()) {
            problems.add(
                    path + ".name",
                    "found %s, wanted a name such as web"
                            .formatted(name == null ? "nothing" : name));
        } else if (!names.add(name)) {
            problems.add(path + ".name", "found %s twice".formatted(name));
        }
        if (container.getImage() == null || container.getImage().isBlank()) {
            problems.add(path + ".image", "found nothing, wanted a reference");
        }
        oneOf(
                path + ".imagePullPolicy",
                container.getImagePullPolicy(),
                "Always",
                "IfNotPresent",
                "Never");
        for (int i = 0; i < container.getEnv().size(); i++) {
            env(path + ".env[" + i + "]", container.getEnv().get(i));
        }
        for (int i = 0; i < container.getPorts().size(); i++) {
            port(path + ".ports[" + i + "]", container.getPorts().get(i));
        }
        for (int i = 0; i < container.getVolumeMounts().size(); i++) {
            mount(path + ".volumeMounts[" + i + "]", container.getVolumeMounts().get(i));
        }
        if (container.getResources() != null) {
            amounts(path + ".resources.limits", container.getResources().getLimits());
            amounts(path + ".resources.requests", container.getResources().getRequests());
        }
        security(path + ".securityContext", container.getSecurityContext());
    }

    private void env(String path, EnvVar variable) {
        var name = variable.getName();
        if (name == null || name.isEmpty() || name.contains("=")) {
            problems.add(path + ".name", "found %s, wanted a name without =".formatted(name));
        }
        var from = variable.getValueFrom();
        if (from == null) {
            return;
        }
        if (variable.getValue() != null && !variable.getValue().isEmpty()) {
            problems.add(path, "found value and valueFrom, wanted one of them");
        }
        var field = from.getFieldRef() == null ? null : from.getFieldRef().getFieldPath();
        if (field == null || !PodField.knows(field)) {
            problems.add(
                    path + ".valueFrom.fieldRef.fieldPath",
                    "found %s, wanted one of %s".formatted(field, PodField.WANTED));
        }
    }

    private void port(String path, ContainerPort port) {
        number(path + ".containerPort", port.getContainerPort(), false);
        number(path + ".hostPort", port.getHostPort(), true);
        oneOf(path + ".protocol", port.getProtocol(), "TCP", "UDP", "SCTP");
        var taken = port.getHostPort();
        if (taken != null && taken != 0) {
            var key = port.getProtocol() + " " + port.getHostIP() + " " + taken;
            if (!hostPorts.add(key)) {
                problems.add(path + ".hostPort", "found %d twice".formatted(taken));
            }
            if (Boolean.TRUE.equals(pod.getHostNetwork())
                    && !taken.equals(port.getContainerPort())) {
                problems.add(
                        path + ".hostPort",
                        "found %d, wanted the containerPort under hostNetwork".formatted(taken));
            }
        }
    }

    private void number(String path, @Nullable Integer port, boolean optional) {
        int number = port == null ? 0 : port;
        if (number < 0 || number > 65_535 || (number == 0 && !optional)) {
            problems.add(path, "found %s, wanted 1 to 65535".formatted(port));
        }
    }

    private void mount(String path, VolumeMount mount) {
        if (mount.getName() == null || !volumes.contains(mount.getName())) {
            problems.add(
                    path + ".name",
                    "found %s, wanted a name from spec.volumes".formatted(mount.getName()));
        }
        var target = mount.getMountPath();
        if (target == null || !target.startsWith("/") || target.contains(":")) {
            problems.add(
                    path + ".mountPath", "found %s, wanted an absolute path".formatted(target));
        }
        // Bidirectional is for privileged containers, which berth refuses.
        oneOf(path + ".mountPropagation", mount.getMountPropagation(), "None", "HostToContainer");
    }

    private void amounts(String path, @Nullable Map<String, Quantity> amounts) {
        if (amounts == null) {
            return;
        }
        amounts.forEach(
                (name, quantity) -> {
                    if (!name.equals("cpu") && !name.equals("memory")) {
                        problems.add(path + "." + name, "berth run knows cpu and memory only");
                    } else if (Amount.parse(quantity.toString()).isEmpty()) {
                        problems.add(
                                path + "." + name,
                                "found %s, wanted an amount such as 100m or 64Mi"
                                        .formatted(quantity));
                    }
                });
    }

    private void security(String path, @Nullable SecurityContext security) {
        var pods = pod.getSecurityContext();
        var nonRoot = security == null ? null : security.getRunAsNonRoot();
        var user = security == null ? null : security.getRunAsUser();
        nonRoot = (nonRoot == null && pods != null) ? pods.getRunAsNonRoot() : nonRoot;
        user = (user == null && pods != null) ? pods.getRunAsUser() : user;
        if (Boolean.TRUE.equals(nonRoot) && (user == null || user == 0)) {
            problems.add(
                    path + ".runAsNonRoot",
                    "found true with runAsUser %s, wanted a runAsUser other than 0"
                            .formatted(user));
        }
        if (security == null) {
            return;
        }
        if (Boolean.TRUE.equals(security.getPrivileged())) {
            problems.add(path + ".privileged", "found true, which berth cannot honour yet");
        }
        oneOf(path + ".procMount", security.getProcMount(), "Default");
        if (security.getSeccompProfile() != null) {
            oneOf(
                    path + ".seccompProfile.type",
                    security.getSeccompProfile().getType(),
                    "Unconfined");
        }
        var ids = new PodCheck(problems);
        ids.id(path + ".runAsUser", security.getRunAsUser());
        ids.id(path + ".runAsGroup", security.getRunAsGroup());
    }

    private void oneOf(String path, @Nullable String text, String... wanted) {
        PodCheck.oneOf(problems, path, text, List.of(wanted));
    }
}
