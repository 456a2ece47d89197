package io.berth.daemon.cli;

import io.berth.daemon.config.NodeConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A configuration as the TOML that would be read as the same. */
final class ConfigText {
    private final StringBuilder out = new StringBuilder();

    private ConfigText() {}

    static String of(NodeConfig config) {
        var text = new ConfigText();
        text.all(config);
        return text.out.toString().stripTrailing();
    }

    private void all(NodeConfig config) {
        value("root", path(config.root()), "What survives a reboot: metadata, images.");
        value("state", path(config.state()), "What does not: sockets, bundles; on tmpfs.");
        section("cri");
        value("socket", path(config.socket()), "Where the kubelet and crictl connect.");
        section("cni");
        value("conf_dirs", paths(config.cni().confDirs()), "Folders of network configurations.");
        value("bin_dirs", paths(config.cni().binDirs()), "Folders of network plugins.");
        value("max_networks", config.cni().maxNetworks(), "How many networks a pod gets.");
        value(
                "conf_template",
                text(config.cni().confTemplate().map(Path::toString).orElse("")),
                "What a configuration is made of once the kubelet tells pod CIDRs; empty is none.");
        section("images");
        value("snapshotter", text(config.images().snapshotter()), "overlayfs, or native: copies.");
        value(
                "registry_hosts",
                path(config.images().registryHosts()),
                "Folder of HOST/hosts.toml, in containerd's format.");
        value(
                "concurrent_downloads",
                config.images().concurrentDownloads(),
                "Layers downloaded at once.");
        value(
                "pinned_images",
                texts(config.images().pinned()),
                "Images that the kubelet may not collect.");
        section("storage");
        value(
                "salvage",
                text(config.store().salvage() ? "auto" : "refuse"),
                "A damaged store: \"refuse\" to start, or \"auto\" to salvage it and go on.");
        section("pods");
        value(
                "cgroup_parent",
                text(config.pods().cgroupParent()),
                "Cgroup above pods for which the kubelet names none.");
        value(
                "max_log_line",
                config.pods().maxLogLineBytes(),
                "Bytes after which a line is split.");
        streaming(config.streaming());
        nri(config.nri());
        security(config.security());
        section("metrics");
        value(
                "address",
                text(config.metricsAddress().orElse("")),
                "Where /metrics is served; empty serves it nowhere.");
        section("daemon");
        value(
                "native_program",
                path(config.process().nativeProgram()),
                "The program that writes containers' logs.");
        value(
                "oom_score",
                text(config.process().oomScore().map(String::valueOf).orElse("")),
                "The daemon's own oom_score_adj; empty leaves it.");
        value(
                "cgroup",
                text(config.process().cgroup().orElse("")),
                "The daemon's own cgroup; empty leaves it.");
        timeouts(config.timeouts());
        runtimes(config.runtimes());
    }

    private void security(NodeConfig.Security security) {
        section("security");
        value(
                "cdi_spec_dirs",
                paths(security.cdiSpecDirs()),
                "Folders of files with vendors' devices.");
        value(
                "unset_seccomp_profile",
                text(security.unsetSeccomp()),
                "What counts where no seccomp profile is asked for; empty is none.");
        value(
                "disable_apparmor",
                security.disableAppArmor(),
                "Whether AppArmor is left alone also where the kernel has it.");
        value(
                "enable_selinux",
                security.enableSelinux(),
                "Whether containers and their files are labelled where the kernel has SELinux.");
        value(
                "selinux_category_range",
                security.selinuxCategories(),
                "How many SELinux categories pods are told apart by.");
        section("checkpoint");
        value(
                "restore_from_images",
                security.restoreFromImages(),
                "Whether CreateContainer restores a container from an image that carries a"
                        + " checkpoint. Whoever makes such an image chooses the memory and the"
                        + " registers of the processes; berth checks their rights.");
    }

    private void streaming(NodeConfig.Streaming streaming) {
        section("streaming");
        value(
                "address",
                text(streaming.address()),
                "Where exec, attach and port-forward streams are served.");
        value(
                "port",
                text(Integer.toString(streaming.port())),
                "Their port; 0 leaves the choice to the kernel.");
        value(
                "idle_timeout",
                time(streaming.idleTimeout()),
                "How long a stream may carry nothing.");
        value(
                "tls_cert",
                text(streaming.certificate().map(Path::toString).orElse("")),
                "PEM file of the certificate; with it and the key, streams come by https.");
        value(
                "tls_key",
                text(streaming.key().map(Path::toString).orElse("")),
                "PEM file of its private key, in PKCS#8.");
    }

    private void nri(NodeConfig.Nri nri) {
        section("nri");
        value("enable", nri.enable(), "Plugins of the node (NRI).");
        value("socket_path", path(nri.socketPath()), "Where plugins of the node connect.");
        value(
                "disable_connections",
                nri.disableConnections(),
                "Only plugins of plugin_path: nothing listens.");
        value(
                "plugin_path",
                path(nri.pluginPath()),
                "Programs named NN-name that are started as plugins.");
        value(
                "plugin_config_path",
                path(nri.pluginConfigPath()),
                "NN-name.conf or name.conf, which a started plugin is handed.");
        value(
                "plugin_registration_timeout",
                time(nri.registrationTimeout()),
                "For a plugin to register, and to be synchronized.");
        value(
                "plugin_request_timeout",
                time(nri.requestTimeout()),
                "For each answer of a plugin; one that is late is closed.");
        validator(nri.validator());
    }

    private void validator(NodeConfig.Validator validator) {
        section("nri.default_validator");
        value("enable", validator.enable(), "Holds what plugins change against the keys below.");
        value("reject_oci_hook_adjustment", validator.rejectHooks(), "No plugin adds OCI hooks.");
        value(
                "reject_runtime_default_seccomp_adjustment",
                validator.rejectDefaultSeccomp(),
                "No plugin replaces the default seccomp filter.");
        value(
                "reject_unconfined_seccomp_adjustment",
                validator.rejectUnconfinedSeccomp(),
                "No plugin filters a container that asks for no filter.");
        value(
                "reject_custom_seccomp_adjustment",
                validator.rejectCustomSeccomp(),
                "No plugin replaces a filter that a container names.");
        value(
                "reject_namespace_adjustment",
                validator.rejectNamespaces(),
                "No plugin changes namespaces.");
        value("reject_sysctl_adjustment", validator.rejectSysctls(), "No plugin sets sysctls.");
        value(
                "required_plugins",
                validator.requiredPlugins().stream()
                        .map(ConfigText::text)
                        .collect(Collectors.joining(", ", "[", "]")),
                "Without these no container is created.");
        value(
                "tolerate_missing_plugins_annotation",
                text(validator.toleratingAnnotation().orElse("")),
                "A pod's annotation, \"true\" where it needs none of them.");
    }

    private void timeouts(NodeConfig.Timeouts timeouts) {
        section("timeouts");
        value("kill", time(timeouts.kill()), "From SIGKILL to a process's end.");
        value("log_drain", time(timeouts.logDrain()), "From a container's end to its log's.");
        value("exec_drain", time(timeouts.execDrain()), "From a command's end to its output's.");
        value("shim_adopt", time(timeouts.shimAdopt()), "To reach a shim after a restart.");
        value("log_writer_start", time(timeouts.logWriterStart()), "To start a log writer.");
    }

    private void runtimes(NodeConfig.Runtimes runtimes) {
        section("runtimes");
        value("default", text(runtimes.defaultHandler()), "The handler of pods that name none.");
        new TreeMap<>(runtimes.handlers())
                .forEach(
                        (name, handler) -> {
                            section("runtimes.handlers." + text(name));
                            value("shim", path(handler.shim()), "The shim's binary.");
                            value(
                                    "binary",
                                    text(handler.binary().map(Path::toString).orElse("")),
                                    "The OCI runtime; empty leaves it to the shim.");
                            value(
                                    "systemd_cgroup",
                                    handler.systemdCgroup(),
                                    "Cgroups through systemd.");
                            value(
                                    "privileged_without_host_devices",
                                    handler.privilegedWithoutHostDevices(),
                                    "Privileged containers get only the devices that they ask"
                                            + " for.");
                            options(handler.options());
                            handler.options()
                                    .shimOptions()
                                    .ifPresent(
                                            lines -> {
                                                section(
                                                        "runtimes.handlers."
                                                                + text(name)
                                                                + ".options");
                                                out.append(lines);
                                            });
                        });
    }

    private void options(NodeConfig.HandlerOptions options) {
        value(
                "root",
                optional(options.root()),
                "Folder of the OCI runtime's state; empty is berth's own.");
        value(
                "pod_annotations",
                texts(options.podAnnotations()),
                "Annotations of pods that go into OCI configs.");
        value("container_annotations", texts(options.containerAnnotations()), "Of containers.");
        value(
                "base_runtime_spec",
                optional(options.baseSpec()),
                "An OCI config that ours is laid over.");
        value("no_pivot_root", options.noPivotRoot(), "Move the root instead of pivoting it.");
        value("no_new_keyring", options.noNewKeyring(), "Leave the keyring of the shim.");
        value(
                "shim_cgroup",
                text(options.shimCgroup().orElse("")),
                "The cgroup that shims move into; empty leaves them.");
        value(
                "cni_conf_dir",
                optional(options.cniConfDir()),
                "Folder of networks for this handler's pods alone.");
        value("cni_max_networks", options.cniMaxNetworks(), "How many of these a pod gets.");
        value(
                "snapshotter",
                text(options.snapshotter().orElse("")),
                "What makes its pods' file systems; empty is images.snapshotter.");
        value(
                "privileged_without_host_devices_all_devices_allowed",
                options.allDevicesAllowed(),
                "Privileged containers without the host's devices may use any all the same.");
    }

    private static String optional(Optional<Path> path) {
        return text(path.map(Path::toString).orElse(""));
    }

    private static String texts(List<String> texts) {
        return texts.stream().map(ConfigText::text).collect(Collectors.joining(", ", "[", "]"));
    }

    private void section(String name) {
        out.append("\n[").append(name).append("]\n");
    }

    private void value(String key, Object toml, String purpose) {
        out.append("# ").append(purpose).append('\n');
        out.append(key).append(" = ").append(toml).append('\n');
    }

    private static String text(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String path(Path path) {
        return text(path.toString());
    }

    private static String paths(List<Path> paths) {
        return paths.stream().map(ConfigText::path).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String time(Duration time) {
        return text(time.toMillis() % 1000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms");
    }
}
