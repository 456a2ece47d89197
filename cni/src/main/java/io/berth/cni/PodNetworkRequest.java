package io.berth.cni;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A pod that is to be attached or detached, and what it asks of its network.
 *
 * @param sandboxId the CNI container id; also names the netns pin
 * @param portMappings host ports that lead to the pod
 * @param annotations offered to plugins as {@code io.kubernetes.cri.pod-annotations}
 * @param cgroupParent offered as {@code cgroupPath} unless empty
 */
public record PodNetworkRequest(
        String sandboxId,
        String podName,
        String podNamespace,
        String podUid,
        List<PortMapping> portMappings,
        Optional<Bandwidth> bandwidth,
        Optional<Dns> dns,
        Map<String, String> annotations,
        String cgroupParent,
        Addresses addresses) {
    /** SPEC.md, section 3, "Attachment Parameters"; the length is a file name's. */
    private static final Pattern CONTAINER_ID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");

    private static final Pattern ARGUMENT = Pattern.compile("[^;=\\p{Cntrl}]{0,253}");

    public PodNetworkRequest {
        requireSandboxId(sandboxId);
        requireArgument("pod name", podName);
        requireArgument("pod namespace", podNamespace);
        requireArgument("pod uid", podUid);
        portMappings = List.copyOf(portMappings);
        annotations = Map.copyOf(annotations);
    }

    /** A pod that leaves its addresses to the network. */
    public PodNetworkRequest(
            String sandboxId,
            String podName,
            String podNamespace,
            String podUid,
            List<PortMapping> portMappings,
            Optional<Bandwidth> bandwidth,
            Optional<Dns> dns,
            Map<String, String> annotations,
            String cgroupParent) {
        this(
                sandboxId,
                podName,
                podNamespace,
                podUid,
                portMappings,
                bandwidth,
                dns,
                annotations,
                cgroupParent,
                Addresses.ANY);
    }

    static boolean isSandboxId(String id) {
        return CONTAINER_ID.matcher(id).matches();
    }

    static void requireSandboxId(String id) {
        if (!isSandboxId(id)) {
            throw new IllegalArgumentException(
                    "sandbox id: found \"%s\", wanted letters, digits, '_', '.', '-', at most 128"
                            .formatted(id));
        }
    }

    private static void requireArgument(String what, String text) {
        if (!ARGUMENT.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "%s: found \"%s\", wanted no ';', '=' or control character, at most 253"
                            .formatted(what, text));
        }
    }
}
