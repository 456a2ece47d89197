package io.berth.daemon.config;

import io.berth.imageservice.image.PinnedImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the configuration: a main file, then the drop-ins beside it in {@code conf.d}, by name,
 * where a later value replaces an earlier one. A main file with a problem is refused; so is a
 * drop-in, but alone: the others count, and it stands among the warnings.
 */
public final class ConfigFiles {
    private ConfigFiles() {}

    /**
     * A configuration that can be used.
     *
     * @param warnings problems of the drop-ins that were left out
     */
    public record Loaded(NodeConfig config, List<Problem> warnings) {
        public Loaded {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Reads a main file, which may be absent only where it is the default one, and its drop-ins.
     *
     * @throws ConfigException with every problem of the main file
     */
    public static Loaded load(Path main, boolean mayBeAbsent) {
        var values = new HashMap<String, Object>();
        var warnings = new ArrayList<Problem>();
        if (Files.exists(main) || !mayBeAbsent) {
            var file = ConfigFile.read(main);
            if (!file.problems().isEmpty()) {
                throw new ConfigException(file.problems());
            }
            values.putAll(file.values());
        }
        for (var dropIn : dropIns(main)) {
            var file = ConfigFile.read(dropIn);
            if (file.problems().isEmpty()) {
                values.putAll(file.values());
            } else {
                warnings.addAll(file.problems());
            }
        }
        return new Loaded(config(main, values), warnings);
    }

    /** The defaults alone. */
    public static NodeConfig defaults() {
        return config(Path.of("defaults"), Map.of());
    }

    private static List<Path> dropIns(Path main) {
        var folder = main.toAbsolutePath().resolveSibling("conf.d");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".toml")).sorted().toList();
        } catch (IOException e) {
            throw new ConfigException(List.of(new Problem(folder, 0, "cannot be listed: " + e)));
        }
    }

    private static NodeConfig config(Path main, Map<String, Object> set) {
        var read = new Values(main, set);
        var state = read.path("state");
        var config =
                new NodeConfig(
                        read.path("root"),
                        state,
                        read.optionalPath("cri.socket").orElse(state.resolve("berth.sock")),
                        cni(read),
                        HandlerValues.runtimes(read),
                        images(read),
                        new NodeConfig.Store(salvage(read)),
                        new NodeConfig.Pods(
                                read.text("pods.cgroup_parent"), read.count("pods.max_log_line")),
                        streaming(read),
                        nri(read),
                        security(read),
                        read.optionalText("metrics.address"),
                        new NodeConfig.OwnProcess(
                                read.path("daemon.native_program"),
                                oomScore(read),
                                read.optionalText("daemon.cgroup")),
                        new NodeConfig.Timeouts(
                                read.duration("timeouts.kill"),
                                read.duration("timeouts.log_drain"),
                                read.duration("timeouts.exec_drain"),
                                read.duration("timeouts.shim_adopt"),
                                read.duration("timeouts.log_writer_start")));
        read.check();
        return config;
    }

    private static boolean salvage(Values read) {
        var found = read.text("storage.salvage");
        if (!found.equals("refuse") && !found.equals("auto")) {
            read.refuse("storage.salvage", "found \"%s\", wanted refuse or auto".formatted(found));
        }
        return found.equals("auto");
    }

    private static NodeConfig.Cni cni(Values read) {
        return new NodeConfig.Cni(
                read.paths("cni.conf_dirs"),
                read.paths("cni.bin_dirs"),
                read.count("cni.max_networks"),
                read.optionalPath("cni.conf_template"));
    }

    private static NodeConfig.Images images(Values read) {
        var pinned = read.texts("images.pinned_images");
        try {
            var _ = new PinnedImages(pinned);
        } catch (IllegalArgumentException e) {
            read.refuse("images.pinned_images", String.valueOf(e.getMessage()));
        }
        return new NodeConfig.Images(
                snapshotter(read, "images.snapshotter"),
                read.path("images.registry_hosts"),
                read.count("images.concurrent_downloads"),
                pinned);
    }

    /** The name of a snapshotter, which is refused if there is none of that name. */
    static String snapshotter(Values read, String key) {
        var name = read.text(key);
        if (!name.equals("overlayfs") && !name.equals("native")) {
            read.refuse(key, "found \"%s\", wanted overlayfs or native".formatted(name));
        }
        return name;
    }

    private static NodeConfig.Security security(Values read) {
        int categories = read.count("security.selinux_category_range");
        if (categories < 2 || categories > 1024) {
            read.refuse(
                    "security.selinux_category_range",
                    "found %d, wanted 2 to 1024".formatted(categories));
        }
        var unsetSeccomp = read.text("security.unset_seccomp_profile");
        if (!unsetSeccomp.matches("|unconfined|runtime/default|docker/default|localhost//.+")) {
            read.refuse(
                    "security.unset_seccomp_profile",
                    "found \"%s\", wanted unconfined, runtime/default or localhost/ and a file's absolute path"
                            .formatted(unsetSeccomp));
        }
        return new NodeConfig.Security(
                read.paths("security.cdi_spec_dirs"),
                read.flag("security.disable_apparmor"),
                read.flag("security.enable_selinux"),
                categories,
                unsetSeccomp,
                read.flag("checkpoint.restore_from_images"));
    }

    private static NodeConfig.Streaming streaming(Values read) {
        var text = read.text("streaming.port");
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
        if (port < 0 || port > 0xffff) {
            read.refuse(
                    "streaming.port", "found \"%s\", wanted 0 to 65535 in quotes".formatted(text));
        }
        var certificate = read.optionalPath("streaming.tls_cert");
        var key = read.optionalPath("streaming.tls_key");
        if (certificate.isPresent() != key.isPresent()) {
            read.refuse("streaming.tls_cert and tls_key", "found one of them, wanted both or none");
        }
        return new NodeConfig.Streaming(
                read.text("streaming.address"),
                port,
                read.duration("streaming.idle_timeout"),
                certificate,
                key);
    }

    private static NodeConfig.Nri nri(Values read) {
        var validator = "nri.default_validator.";
        return new NodeConfig.Nri(
                read.flag("nri.enable"),
                read.path("nri.socket_path"),
                read.flag("nri.disable_connections"),
                read.path("nri.plugin_path"),
                read.path("nri.plugin_config_path"),
                read.duration("nri.plugin_registration_timeout"),
                read.duration("nri.plugin_request_timeout"),
                new NodeConfig.Validator(
                        read.flag(validator + "enable"),
                        read.flag(validator + "reject_oci_hook_adjustment"),
                        read.flag(validator + "reject_runtime_default_seccomp_adjustment"),
                        read.flag(validator + "reject_unconfined_seccomp_adjustment"),
                        read.flag(validator + "reject_custom_seccomp_adjustment"),
                        read.flag(validator + "reject_namespace_adjustment"),
                        read.flag(validator + "reject_sysctl_adjustment"),
                        read.texts(validator + "required_plugins"),
                        read.optionalText(validator + "tolerate_missing_plugins_annotation")));
    }

    private static Optional<Integer> oomScore(Values read) {
        var text = read.optionalText("daemon.oom_score");
        try {
            var score = text.map(Integer::valueOf);
            if (score.isEmpty() || Math.abs(score.get()) <= 1000) {
                return score;
            }
        } catch (NumberFormatException notANumber) {
            // the problem below says so
        }
        read.refuse(
                "daemon.oom_score",
                "found \"%s\", wanted -1000 to 1000".formatted(text.orElse("")));
        return Optional.empty();
    }
}
