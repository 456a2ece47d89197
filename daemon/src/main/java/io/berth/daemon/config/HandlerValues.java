package io.berth.daemon.config;

import io.berth.sandbox.settings.ShimType;
import io.berth.sandbox.spec.PassedAnnotations;
import io.berth.shimclient.bootstrap.NewestShim;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The runtime handlers that a configuration names, and {@code runc}, which there always is. */
final class HandlerValues {
    private static final String ALL_DEVICES = "privileged_without_host_devices_all_devices_allowed";

    /** Paths where packages and deploy/prerequisites put the runc shim; the newest is taken. */
    private static final List<Path> SHIMS =
            List.of(
                    Path.of("/usr/bin/containerd-shim-runc-v2"),
                    Path.of("/usr/local/bin/containerd-shim-runc-v2"),
                    Path.of("/usr/local/lib/berth/shims/v3/containerd-shim-runc-v2"),
                    Path.of("/usr/local/lib/berth/shims/v2/containerd-shim-runc-v2"));

    private HandlerValues() {}

    static NodeConfig.Runtimes runtimes(Values read) {
        var names = new TreeSet<String>();
        for (var path : read.keys()) {
            if (path.startsWith("runtimes.handlers.")) {
                names.add(path.split("\\.", -1)[2]);
            }
        }
        names.add("runc");
        var handlers = new HashMap<String, NodeConfig.Handler>();
        for (var name : names) {
            var prefix = "runtimes.handlers." + name + ".";
            var shim = read.optionalPath(prefix + "shim").orElseGet(HandlerValues::foundShim);
            var options = options(read, prefix);
            check(read, prefix);
            checkOptions(read, prefix, shim);
            handlers.put(
                    name,
                    new NodeConfig.Handler(
                            shim,
                            read.optionalPath(prefix + "binary"),
                            read.flag(prefix + "systemd_cgroup"),
                            read.flag(prefix + "privileged_without_host_devices"),
                            options));
        }
        var standard = read.text("runtimes.default");
        if (!handlers.containsKey(standard)) {
            read.refuse(
                    "runtimes.default",
                    "found \"%s\", wanted one of %s".formatted(standard, names));
        }
        return new NodeConfig.Runtimes(standard, handlers);
    }

    private static void check(Values read, String prefix) {
        for (var key : List.of("pod_annotations", "container_annotations")) {
            try {
                var _ = PassedAnnotations.of(read.texts(prefix + key));
            } catch (IllegalArgumentException e) {
                read.refuse(prefix + key, String.valueOf(e.getMessage()));
            }
        }
        if (read.flag(prefix + ALL_DEVICES)
                && !read.flag(prefix + "privileged_without_host_devices")) {
            read.refuse(
                    prefix + ALL_DEVICES,
                    "found true, wanted privileged_without_host_devices true beside it");
        }
    }

    private static void checkOptions(Values read, String prefix, Path shim) {
        if (read.optionalText(prefix + "options").isPresent() && ShimType.of(shim).isRunc()) {
            read.refuse(
                    prefix + "options",
                    "found with the shim %s, wanted a shim that is not runc's; what runc's takes has keys of its own, such as binary and systemd_cgroup"
                            .formatted(shim));
        }
    }

    /** The snapshotter of a handler's own, if it names one. */
    private static Optional<String> snapshotter(Values read, String key) {
        return read.optionalText(key).map(_ -> ConfigFiles.snapshotter(read, key));
    }

    private static NodeConfig.HandlerOptions options(Values read, String prefix) {
        return new NodeConfig.HandlerOptions(
                read.optionalPath(prefix + "root"),
                read.flag(prefix + "no_pivot_root"),
                read.flag(prefix + "no_new_keyring"),
                read.optionalText(prefix + "shim_cgroup"),
                read.texts(prefix + "pod_annotations"),
                read.texts(prefix + "container_annotations"),
                read.optionalPath(prefix + "base_runtime_spec"),
                read.optionalPath(prefix + "cni_conf_dir"),
                read.count(prefix + "cni_max_networks"),
                snapshotter(read, prefix + "snapshotter"),
                read.flag(prefix + ALL_DEVICES),
                read.optionalText(prefix + "options"));
    }

    private static Path foundShim() {
        return NewestShim.of(SHIMS).orElse(SHIMS.getFirst());
    }
}
