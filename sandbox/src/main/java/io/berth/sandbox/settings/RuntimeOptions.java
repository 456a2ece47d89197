package io.berth.sandbox.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a runtime handler changes beyond shim and binary. Nothing of it is set as a rule.
 *
 * @param root folder of the OCI runtime's state, if not berth's own
 * @param shimCgroup the cgroup that shims go into, if they are to leave berth's
 * @param podAnnotations which annotations of a pod its OCI configs get, as patterns of names
 * @param containerAnnotations the same of a container
 * @param baseSpec an OCI config that ours is laid over
 * @param network where its pods' networks are configured, if not where the others' are
 * @param snapshotter what its pods' file systems are made by, if not by the node's own
 * @param allDevicesAllowed whether a privileged container that gets none of the host's devices may
 *     use, and make, any
 * @param shim what a shim that is not runc's is told
 */
public record RuntimeOptions(
        Optional<Path> root,
        boolean noPivotRoot,
        boolean noNewKeyring,
        Optional<String> shimCgroup,
        List<String> podAnnotations,
        List<String> containerAnnotations,
        Optional<Path> baseSpec,
        Optional<Network> network,
        Optional<String> snapshotter,
        boolean allDevicesAllowed,
        Optional<ShimOptions> shim) {
    /** A handler that changes nothing. */
    public static final RuntimeOptions NONE =
            new RuntimeOptions(
                    Optional.empty(),
                    false,
                    false,
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Optional.empty());

    public RuntimeOptions {
        podAnnotations = List.copyOf(podAnnotations);
        containerAnnotations = List.copyOf(containerAnnotations);
    }

    /**
     * Networks of a handler's own.
     *
     * @param confDir folder of their configurations
     * @param most how many of them a pod gets
     */
    public record Network(Path confDir, int most) {}
}
