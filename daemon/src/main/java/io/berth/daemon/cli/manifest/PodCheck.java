package io.berth.daemon.cli.manifest;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the values of a pod, as an API server would and as far as berth can honour them. */
final class PodCheck {
    static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");
    private static final Set<String> HOST_PATH_TYPES =
            Set.of("", "DirectoryOrCreate", "Directory", "File");

    private final Problems problems;
    private final Set<String> volumes = new HashSet<>();

    PodCheck(Problems problems) {
        this.problems = problems;
    }

    /** Notes every value that cannot be honoured. */
    void check(Pod pod) {
        oneOf("apiVersion", pod.getApiVersion(), "v1");
        var metadata = pod.getMetadata();
        if (metadata == null) {
            problems.add("metadata", "found nothing, wanted at least a name");
        } else {
            matches("metadata.name", metadata.getName(), SUBDOMAIN, "a name such as web-1");
            if (metadata.getNamespace() != null) {
                matches(
                        "metadata.namespace",
                        metadata.getNamespace(),
                        LABEL,
                        "a name such as default");
            }
        }
        if (pod.getSpec() == null) {
            problems.add("spec", "found nothing, wanted containers");
            return;
        }
        spec(pod.getSpec());
    }

    private void spec(PodSpec spec) {
        for (int i = 0; i < spec.getVolumes().size(); i++) {
            volume("spec.volumes[" + i + "]", spec.getVolumes().get(i));
        }
        if (spec.getContainers().isEmpty()) {
            problems.add("spec.containers", "found none, wanted at least one");
        }
        var containers = new ContainerCheck(problems, volumes, spec);
        for (int i = 0; i < spec.getInitContainers().size(); i++) {
            containers.check("spec.initContainers[" + i + "]", spec.getInitContainers().get(i));
        }
        for (int i = 0; i < spec.getContainers().size(); i++) {
            containers.check("spec.containers[" + i + "]", spec.getContainers().get(i));
        }
        oneOf("spec.restartPolicy", spec.getRestartPolicy(), "Always", "OnFailure", "Never");
        oneOf("spec.dnsPolicy", spec.getDnsPolicy(), "Default", "None");
        if ("None".equals(spec.getDnsPolicy())
                && (spec.getDnsConfig() == null
                        || spec.getDnsConfig().getNameservers().isEmpty())) {
            problems.add("spec.dnsPolicy", "found None without spec.dnsConfig.nameservers");
        }
        if (spec.getHostname() != null) {
            matches("spec.hostname", spec.getHostname(), LABEL, "a name such as web-1");
        }
        if (spec.getOs() != null) {
            oneOf("spec.os.name", spec.getOs().getName(), "linux");
        }
        if (Boolean.FALSE.equals(spec.getHostUsers())) {
            problems.add("spec.hostUsers", "found false, which berth cannot honour yet; remove it");
        }
        if (Boolean.TRUE.equals(spec.getHostPID())
                && Boolean.TRUE.equals(spec.getShareProcessNamespace())) {
            problems.add(
                    "spec.shareProcessNamespace", "found true beside hostPID, wanted one of them");
        }
        var grace = spec.getTerminationGracePeriodSeconds();
        if (grace != null && (grace < 0 || grace > 86_400)) {
            problems.add(
                    "spec.terminationGracePeriodSeconds",
                    "found %d, wanted 0 to 86400".formatted(grace));
        }
        if (spec.getSecurityContext() != null) {
            security(spec.getSecurityContext());
        }
    }

    private void security(PodSecurityContext security) {
        if (security.getSeccompProfile() != null) {
            oneOf(
                    "spec.securityContext.seccompProfile.type",
                    security.getSeccompProfile().getType(),
                    "Unconfined");
        }
        id("spec.securityContext.runAsUser", security.getRunAsUser());
        id("spec.securityContext.runAsGroup", security.getRunAsGroup());
        for (int i = 0; i < security.getSupplementalGroups().size(); i++) {
            id(
                    "spec.securityContext.supplementalGroups[" + i + "]",
                    security.getSupplementalGroups().get(i));
        }
    }

    private void volume(String path, Volume volume) {
        matches(path + ".name", volume.getName(), LABEL, "a name such as data");
        if (volume.getName() != null && !volumes.add(volume.getName())) {
            problems.add(path + ".name", "found %s twice".formatted(volume.getName()));
        }
        var empty = volume.getEmptyDir();
        var host = volume.getHostPath();
        if ((empty == null) == (host == null)) {
            problems.add(
                    path,
                    "found %s, wanted one of emptyDir: {} and hostPath"
                            .formatted(empty == null ? "no source" : "two sources"));
            return;
        }
        if (empty != null && empty.getMedium() != null && !empty.getMedium().isEmpty()) {
            problems.add(
                    path + ".emptyDir.medium",
                    "found %s, wanted the default; berth run keeps volumes on disk"
                            .formatted(empty.getMedium()));
        }
        if (host == null) {
            return;
        }
        if (host.getPath() == null || !host.getPath().startsWith("/")) {
            problems.add(
                    path + ".hostPath.path",
                    "found %s, wanted an absolute path".formatted(host.getPath()));
        }
        if (host.getType() != null && !HOST_PATH_TYPES.contains(host.getType())) {
            problems.add(
                    path + ".hostPath.type",
                    "found %s, wanted DirectoryOrCreate, Directory, File or none"
                            .formatted(host.getType()));
        }
    }

    void id(String path, @Nullable Long id) {
        if (id != null && (id < 0 || id > Integer.MAX_VALUE)) {
            problems.add(path, "found %d, wanted 0 to %d".formatted(id, Integer.MAX_VALUE));
        }
    }

    private void matches(String path, @Nullable String text, Pattern pattern, String wanted) {
        if (text == null || !pattern.matcher(text).matches()) {
            problems.add(
                    path, "found %s, wanted %s".formatted(text == null ? "nothing" : text, wanted));
        }
    }

    /** Notes a text that is set and not one of those. */
    private void oneOf(String path, @Nullable String text, String... wanted) {
        oneOf(problems, path, text, List.of(wanted));
    }

    static void oneOf(Problems problems, String path, @Nullable String text, List<String> wanted) {
        if (text != null && !wanted.contains(text)) {
            problems.add(path, "found %s, wanted %s".formatted(text, String.join(" or ", wanted)));
        }
    }
}
