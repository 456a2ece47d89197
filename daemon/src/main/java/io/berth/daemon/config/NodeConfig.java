package io.berth.daemon.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that an operator may set.
 *
 * @param root what survives a reboot: metadata, content, snapshots
 * @param state what does not: socket, bundles, pins
 * @param socket where the CRI is served
 */
public record NodeConfig(
        Path root,
        Path state,
        Path socket,
        Cni cni,
        Runtimes runtimes,
        Images images,
        Store store,
        Pods pods,
        Streaming streaming,
        Nri nri,
        Security security,
        Optional<String> metricsAddress,
        OwnProcess process,
        Timeouts timeouts) {

    /** The same with another root or state folder; a socket in the state folder moves with it. */
    public NodeConfig at(Optional<Path> otherRoot, Optional<Path> otherState) {
        var newState = otherState.orElse(state);
        var newSocket =
                socket.startsWith(state) ? newState.resolve(state.relativize(socket)) : socket;
        return new NodeConfig(
                otherRoot.orElse(root),
                newState,
                newSocket,
                cni,
                runtimes,
                images,
                store,
                pods,
                streaming,
                nri,
                security,
                metricsAddress,
                process,
                timeouts);
    }

    /**
     * Networks: folders of configurations and of plugins, how many a pod gets, and what a
     * configuration is made of when the kubelet tells the pod CIDRs.
     */
    public record Cni(
            List<Path> confDirs, List<Path> binDirs, int maxNetworks, Optional<Path> confTemplate) {
        public Cni {
            confDirs = List.copyOf(confDirs);
            binDirs = List.copyOf(binDirs);
        }
    }

    /** Runtime handlers by name, and which one the empty name means. */
    public record Runtimes(String defaultHandler, Map<String, Handler> handlers) {
        public Runtimes {
            handlers = Map.copyOf(handlers);
        }
    }

    /** One runtime handler; an empty binary leaves the choice to the shim. */
    public record Handler(
            Path shim,
            Optional<Path> binary,
            boolean systemdCgroup,
            boolean privilegedWithoutHostDevices,
            HandlerOptions options) {}

    /**
     * What a handler changes beyond that; see the keys of the same names.
     *
     * @param shimOptions TOML for a shim that is not runc's
     */
    public record HandlerOptions(
            Optional<Path> root,
            boolean noPivotRoot,
            boolean noNewKeyring,
            Optional<String> shimCgroup,
            List<String> podAnnotations,
            List<String> containerAnnotations,
            Optional<Path> baseSpec,
            Optional<Path> cniConfDir,
            int cniMaxNetworks,
            Optional<String> snapshotter,
            boolean allDevicesAllowed,
            Optional<String> shimOptions) {
        public HandlerOptions {
            podAnnotations = List.copyOf(podAnnotations);
            containerAnnotations = List.copyOf(containerAnnotations);
        }
    }

    /** Images: how layers are kept, where registry hosts are configured, what is not collected. */
    public record Images(
            String snapshotter, Path registryHosts, int concurrentDownloads, List<String> pinned) {
        public Images {
            pinned = List.copyOf(pinned);
        }
    }

    /** Whether a damaged store is salvaged without being asked. */
    public record Store(boolean salvage) {}

    /** Pods: their cgroup parent where the kubelet names none, and the longest log line. */
    public record Pods(String cgroupParent, int maxLogLineBytes) {}

    /** Where streams are served; both files or none. */
    public record Streaming(
            String address,
            int port,
            Duration idleTimeout,
            Optional<Path> certificate,
            Optional<Path> key) {}

    /** Plugins of the node: where they connect, those that are started, and what they may do. */
    public record Nri(
            boolean enable,
            Path socketPath,
            boolean disableConnections,
            Path pluginPath,
            Path pluginConfigPath,
            Duration registrationTimeout,
            Duration requestTimeout,
            Validator validator) {}

    /** What plugins may not change, and which ones must be there. */
    public record Validator(
            boolean enable,
            boolean rejectHooks,
            boolean rejectDefaultSeccomp,
            boolean rejectUnconfinedSeccomp,
            boolean rejectCustomSeccomp,
            boolean rejectNamespaces,
            boolean rejectSysctls,
            List<String> requiredPlugins,
            Optional<String> toleratingAnnotation) {
        public Validator {
            requiredPlugins = List.copyOf(requiredPlugins);
        }
    }

    /**
     * What confines containers.
     *
     * @param cdiSpecDirs folders of CDI files, those that count more later
     * @param selinuxCategories how many categories pods are told apart by
     * @param unsetSeccomp the seccomp profile of who asks for none; empty is none
     * @param restoreFromImages whether an image that carries a checkpoint is restored
     */
    public record Security(
            List<Path> cdiSpecDirs,
            boolean disableAppArmor,
            boolean enableSelinux,
            int selinuxCategories,
            String unsetSeccomp,
            boolean restoreFromImages) {
        public Security {
            cdiSpecDirs = List.copyOf(cdiSpecDirs);
        }
    }

    /** The daemon's own process; an empty cgroup leaves it where it was started. */
    public record OwnProcess(
            Path nativeProgram, Optional<Integer> oomScore, Optional<String> cgroup) {}

    /** How long things may take; each is named in the message that it leads to. */
    public record Timeouts(
            Duration kill,
            Duration logDrain,
            Duration execDrain,
            Duration shimAdopt,
            Duration logWriterStart) {}
}
