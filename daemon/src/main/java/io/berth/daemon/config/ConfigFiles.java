package io.berth.daemon.config;

import io.berth.imageservice.image.PinnedImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;

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
        var problems = new ArrayList<Problem>();
        var read = new Values(set);
        var state = read.path("state");
        var socket = read.optionalPath("cri.socket").orElse(state.resolve("berth.sock"));
        var snapshotter = read.text("images.snapshotter");
        checkSnapshotter(main, "images.snapshotter", snapshotter, problems);
        var runtimes = HandlerValues.runtimes(main, read, problems);
        var oomScore = oomScore(main, read, problems);
        var streaming = streaming(main, read, problems);
        int categories = read.count("security.selinux_category_range");
        if (categories < 2 || categories > 1024) {
            problems.add(
                    new Problem(
                            main,
                            0,
                            "security.selinux_category_range: found %d, wanted 2 to 1024"
                                    .formatted(categories)));
        }
        var pinned = pinned(main, read, problems);
        var unsetSeccomp = unsetSeccomp(main, read, problems);
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return new NodeConfig(
                read.path("root"),
                state,
                socket,
                new NodeConfig.Cni(
                        read.paths("cni.conf_dirs"),
                        read.paths("cni.bin_dirs"),
                        read.count("cni.max_networks"),
                        read.optionalPath("cni.conf_template")),
                runtimes,
                new NodeConfig.Images(
                        snapshotter,
                        read.path("images.registry_hosts"),
                        read.count("images.concurrent_downloads"),
                        pinned),
                new NodeConfig.Pods(
                        read.text("pods.cgroup_parent"), read.count("pods.max_log_line")),
                streaming,
                nri(read),
                new NodeConfig.Security(
                        read.paths("security.cdi_spec_dirs"),
                        read.flag("security.disable_apparmor"),
                        read.flag("security.enable_selinux"),
                        categories,
                        unsetSeccomp),
                read.optionalText("metrics.address"),
                new NodeConfig.OwnProcess(
                        read.path("daemon.native_program"),
                        oomScore,
                        read.optionalText("daemon.cgroup")),
                new NodeConfig.Timeouts(
                        read.duration("timeouts.kill"),
                        read.duration("timeouts.log_drain"),
                        read.duration("timeouts.exec_drain"),
                        read.duration("timeouts.shim_adopt"),
                        read.duration("timeouts.log_writer_start")));
    }

    private static List<String> pinned(Path main, Values read, List<Problem> problems) {
        var patterns = read.texts("images.pinned_images");
        try {
            var _ = new PinnedImages(patterns);
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(main, 0, "images.pinned_images: " + e.getMessage()));
        }
        return patterns;
    }

    private static String unsetSeccomp(Path main, Values read, List<Problem> problems) {
        var text = read.text("security.unset_seccomp_profile");
        if (!text.matches("|unconfined|runtime/default|docker/default|localhost//.+")) {
            problems.add(
                    new Problem(
                            main,
                            0,
                            "security.unset_seccomp_profile: found \"%s\", wanted unconfined, runtime/default or localhost/ and a file's absolute path"
                                    .formatted(text)));
        }
        return text;
    }

    /** Adds the problem that there is no such snapshotter. */
    static void checkSnapshotter(Path main, String key, String name, List<Problem> problems) {
        if (!name.equals("overlayfs") && !name.equals("native")) {
            problems.add(
                    new Problem(
                            main,
                            0,
                            "%s: found \"%s\", wanted overlayfs or native".formatted(key, name)));
        }
    }

    private static NodeConfig.Streaming streaming(Path main, Values read, List<Problem> problems) {
        var text = read.text("streaming.port");
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
        if (port < 0 || port > 0xffff) {
            problems.add(
                    new Problem(
                            main,
                            0,
                            "streaming.port: found \"%s\", wanted 0 to 65535 in quotes"
                                    .formatted(text)));
        }
        var certificate = read.optionalPath("streaming.tls_cert");
        var key = read.optionalPath("streaming.tls_key");
        if (certificate.isPresent() != key.isPresent()) {
            problems.add(
                    new Problem(
                            main,
                            0,
                            "streaming.tls_cert and tls_key: found one of them, wanted both or"
                                    + " none"));
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

    private static Optional<Integer> oomScore(Path main, Values read, List<Problem> problems) {
        var text = read.optionalText("daemon.oom_score");
        try {
            var score = text.map(Integer::valueOf);
            if (score.isEmpty() || Math.abs(score.get()) <= 1000) {
                return score;
            }
        } catch (NumberFormatException notANumber) {
            // the problem below says so
        }
        problems.add(
                new Problem(
                        main,
                        0,
                        "daemon.oom_score: found \"%s\", wanted -1000 to 1000"
                                .formatted(text.orElse(""))));
        return Optional.empty();
    }

    /** Values that are set, or else the defaults of their keys. */
    record Values(Map<String, Object> set) {
        private Object get(String path) {
            var value = set.get(path);
            if (value != null) {
                return value;
            }
            var key = ConfigKey.of(List.of(path.split("\\.", -1))).orElseThrow();
            var parsed = Toml.parse("v = " + key.standard());
            return switch (key.kind()) {
                case PATH, TEXT -> String.valueOf(parsed.getString("v"));
                case PATHS, TEXTS -> parsed.getArrayOrEmpty("v").toList();
                case FLAG -> Boolean.TRUE.equals(parsed.getBoolean("v"));
                case TABLE -> "";
                case COUNT -> Math.toIntExact(parsed.getLong("v", () -> 0L));
                case DURATION -> ConfigFile.duration(parsed.getString("v", () -> "")).orElseThrow();
            };
        }

        String text(String path) {
            return (String) get(path);
        }

        Optional<String> optionalText(String path) {
            return Optional.of(text(path)).filter(text -> !text.isEmpty());
        }

        Path path(String path) {
            return Path.of(text(path));
        }

        Optional<Path> optionalPath(String path) {
            return optionalText(path).map(Path::of);
        }

        List<Path> paths(String path) {
            return ((List<?>) get(path)).stream().map(each -> Path.of((String) each)).toList();
        }

        List<String> texts(String path) {
            return ((List<?>) get(path)).stream().map(String.class::cast).toList();
        }

        int count(String path) {
            return (Integer) get(path);
        }

        boolean flag(String path) {
            return (Boolean) get(path);
        }

        Duration duration(String path) {
            return (Duration) get(path);
        }
    }
}
