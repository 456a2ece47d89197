package io.berth.daemon.cli.manifest;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.Capability;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerMetadata;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.MountPropagation;
import io.berth.cri.v1.SecurityProfile;
import io.berth.cri.v1.SecurityProfile.ProfileType;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The containers of one run of a pod in the CRI's words, as the kubelet would put them.
 *
 * @param podIp empty in the host's network
 */
public record ContainerMapping(
        Manifest manifest, PodIdentity identity, Places places, HostFacts host, String podIp) {
    private static final String HOSTS = "/etc/hosts";

    /** What of /proc and /sys the kubelet hides from containers. */
    private static final List<String> MASKED =
            List.of(
                    "/proc/asound",
                    "/proc/acpi",
                    "/proc/interrupts",
                    "/proc/kcore",
                    "/proc/keys",
                    "/proc/latency_stats",
                    "/proc/timer_list",
                    "/proc/timer_stats",
                    "/proc/sched_debug",
                    "/proc/scsi",
                    "/sys/firmware",
                    "/sys/devices/virtual/powercap");

    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    /**
     * One container.
     *
     * @param attempt how often it was started before
     */
    public ContainerConfig config(Container container, int attempt) {
        var variables = environment(container);
        var config =
                ContainerConfig.newBuilder()
                        .setMetadata(
                                ContainerMetadata.newBuilder()
                                        .setName(container.getName())
                                        .setAttempt(attempt))
                        .setImage(ImageSpec.newBuilder().setImage(container.getImage()))
                        .setTty(PodMapping.isTrue(container.getTty()))
                        .setLogPath(container.getName() + "/" + attempt + ".log")
                        .putLabels("io.kubernetes.container.name", container.getName())
                        .putLabels("io.kubernetes.pod.name", identity.name())
                        .putLabels("io.kubernetes.pod.namespace", identity.namespace())
                        .putLabels("io.kubernetes.pod.uid", identity.uid())
                        .putAnnotations(
                                "io.kubernetes.container.restartCount", Integer.toString(attempt));
        container.getCommand().forEach(s -> config.addCommand(Expansion.expand(s, variables)));
        container.getArgs().forEach(s -> config.addArgs(Expansion.expand(s, variables)));
        if (container.getWorkingDir() != null) {
            config.setWorkingDir(container.getWorkingDir());
        }
        variables.forEach(
                (key, value) ->
                        config.addEnvs(
                                KeyValue.newBuilder()
                                        .setKey(key)
                                        .setValue(ByteString.copyFromUtf8(value))));
        container.getVolumeMounts().forEach(mount -> config.addMounts(mount(mount)));
        if (container.getVolumeMounts().stream().noneMatch(m -> HOSTS.equals(m.getMountPath()))) {
            config.addMounts(
                    Mount.newBuilder()
                            .setContainerPath(HOSTS)
                            .setHostPath(places.hosts().toString()));
        }
        return config.setLinux(
                        LinuxContainerConfig.newBuilder()
                                .setResources(
                                        Resources.of(manifest.pod(), container, host.memoryBytes()))
                                .setSecurityContext(security(container)))
                .build();
    }

    /** In the manifest's order, each with those before it put in. */
    private Map<String, String> environment(Container container) {
        var variables = new LinkedHashMap<String, String>();
        for (var variable : container.getEnv()) {
            var from = variable.getValueFrom();
            if (from != null) {
                var path = from.getFieldRef().getFieldPath();
                var value = PodField.value(path, manifest.pod().getMetadata(), identity, podIp);
                variables.put(variable.getName(), value);
            } else {
                var value = variable.getValue() == null ? "" : variable.getValue();
                variables.put(variable.getName(), Expansion.expand(value, variables));
            }
        }
        return variables;
    }

    private Mount mount(VolumeMount mount) {
        var volume =
                manifest.pod().getSpec().getVolumes().stream()
                        .filter(v -> v.getName().equals(mount.getName()))
                        .findFirst()
                        .orElseThrow();
        return Mount.newBuilder()
                .setContainerPath(mount.getMountPath())
                .setHostPath(hostPath(volume))
                .setReadonly(PodMapping.isTrue(mount.getReadOnly()))
                .setPropagation(
                        "HostToContainer".equals(mount.getMountPropagation())
                                ? MountPropagation.PROPAGATION_HOST_TO_CONTAINER
                                : MountPropagation.PROPAGATION_PRIVATE)
                .build();
    }

    private String hostPath(Volume volume) {
        return volume.getHostPath() == null
                ? places.volume(volume.getName()).toString()
                : volume.getHostPath().getPath();
    }

    private LinuxContainerSecurityContext security(Container container) {
        var spec = manifest.pod().getSpec();
        var context =
                LinuxContainerSecurityContext.newBuilder()
                        .setNamespaceOptions(PodMapping.namespaces(spec))
                        .setSeccomp(
                                SecurityProfile.newBuilder().setProfileType(ProfileType.Unconfined))
                        .addAllMaskedPaths(MASKED)
                        .addAllReadonlyPaths(READ_ONLY);
        var pods = spec.getSecurityContext();
        var own = container.getSecurityContext();
        var user = own == null ? null : own.getRunAsUser();
        var group = own == null ? null : own.getRunAsGroup();
        if (pods != null) {
            user = user == null ? pods.getRunAsUser() : user;
            group = group == null ? pods.getRunAsGroup() : group;
            context.addAllSupplementalGroups(pods.getSupplementalGroups());
        }
        if (user != null) {
            context.setRunAsUser(Int64Value.newBuilder().setValue(user));
        }
        if (group != null) {
            context.setRunAsGroup(Int64Value.newBuilder().setValue(group));
        }
        if (own != null) {
            context.setReadonlyRootfs(PodMapping.isTrue(own.getReadOnlyRootFilesystem()))
                    .setNoNewPrivs(Boolean.FALSE.equals(own.getAllowPrivilegeEscalation()));
            if (own.getCapabilities() != null) {
                context.setCapabilities(
                        Capability.newBuilder()
                                .addAllAddCapabilities(own.getCapabilities().getAdd())
                                .addAllDropCapabilities(own.getCapabilities().getDrop()));
            }
        }
        return context.build();
    }
}
