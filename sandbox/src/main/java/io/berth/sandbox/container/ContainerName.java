package io.berth.sandbox.container;

import io.berth.cri.v1.ContainerMetadata;
import io.berth.cri.v1.PodSandboxMetadata;

/**
 * The name under which a container is reserved: {@code name_pod_namespace_uid_attempt}, which no
 * two living containers share.
 *
 * @param value the five parts joined by underscores
 */
public record ContainerName(String value) {
    /** The name that the kubelet's metadata stands for. */
    public static ContainerName of(ContainerMetadata container, PodSandboxMetadata pod) {
        return new ContainerName(
                String.join(
                        "_",
                        container.getName(),
                        pod.getName(),
                        pod.getNamespace(),
                        pod.getUid(),
                        Integer.toUnsignedString(container.getAttempt())));
    }

    @Override
    public String toString() {
        return value;
    }
}
