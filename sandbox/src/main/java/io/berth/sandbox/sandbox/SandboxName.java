package io.berth.sandbox.sandbox;

import io.berth.cri.v1.PodSandboxMetadata;

/**
 * The name under which a sandbox is reserved: {@code name_namespace_uid_attempt}, which no two
 * living sandboxes share.
 *
 * @param value the four parts joined by underscores
 */
public record SandboxName(String value) {
    /** The name that the kubelet's metadata stands for. */
    public static SandboxName of(PodSandboxMetadata metadata) {
        return new SandboxName(
                String.join(
                        "_",
                        metadata.getName(),
                        metadata.getNamespace(),
                        metadata.getUid(),
                        Integer.toUnsignedString(metadata.getAttempt())));
    }

    @Override
    public String toString() {
        return value;
    }
}
