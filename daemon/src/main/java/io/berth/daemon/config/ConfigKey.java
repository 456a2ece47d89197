package io.berth.daemon.config;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Every key of the configuration: its kind, its default, and what it is for. A {@code *} in the
 * middle stands for a name that the operator chooses.
 */
enum ConfigKey {
    ROOT("root", Kind.PATH, "\"/var/lib/berth\"", "What survives a reboot: metadata, images."),
    STATE("state", Kind.PATH, "\"/run/berth\"", "What does not: sockets, bundles; on tmpfs."),
    SOCKET("cri.socket", Kind.PATH, "\"\"", "The CRI's socket; empty is berth.sock in state."),
    CNI_CONF(
            "cni.conf_dirs",
            Kind.PATHS,
            "[\"/etc/cni/net.d\"]",
            "Folders of network configurations."),
    CNI_BIN(
            "cni.bin_dirs",
            Kind.PATHS,
            "[\"/opt/cni/bin\", \"/usr/lib/cni\"]",
            "Folders of network plugins; the first that has one is used."),
    CNI_MAX("cni.max_networks", Kind.COUNT, "1", "How many networks a pod gets."),
    CNI_TEMPLATE(
            "cni.conf_template",
            Kind.PATH,
            "\"\"",
            "What a configuration is made of once the kubelet tells pod CIDRs and there is none."),
    DEFAULT_RUNTIME(
            "runtimes.default", Kind.TEXT, "\"runc\"", "The handler of pods that name none."),
    SHIM(
            "runtimes.handlers.*.shim",
            Kind.PATH,
            "\"\"",
            "The shim's binary; empty takes the newest containerd-shim-runc-v2 that is installed."),
    BINARY(
            "runtimes.handlers.*.binary",
            Kind.PATH,
            "\"\"",
            "The OCI runtime; empty leaves it to the shim, which takes runc."),
    SYSTEMD_CGROUP(
            "runtimes.handlers.*.systemd_cgroup", Kind.FLAG, "false", "Cgroups through systemd."),
    WITHOUT_HOST_DEVICES(
            "runtimes.handlers.*.privileged_without_host_devices",
            Kind.FLAG,
            "false",
            "Privileged containers get only the devices that they ask for."),
    RUNTIME_ROOT(
            "runtimes.handlers.*.root",
            Kind.PATH,
            "\"\"",
            "Folder of the OCI runtime's state; empty is runc in state."),
    POD_ANNOTATIONS(
            "runtimes.handlers.*.pod_annotations",
            Kind.TEXTS,
            "[]",
            "Annotations of pods that go into OCI configs, such as [\"run.oci.*\"]."),
    CONTAINER_ANNOTATIONS(
            "runtimes.handlers.*.container_annotations",
            Kind.TEXTS,
            "[]",
            "The same of containers."),
    BASE_SPEC(
            "runtimes.handlers.*.base_runtime_spec",
            Kind.PATH,
            "\"\"",
            "An OCI config that ours is laid over; empty is none."),
    NO_PIVOT_ROOT(
            "runtimes.handlers.*.no_pivot_root",
            Kind.FLAG,
            "false",
            "Move the root instead of pivoting it, for nodes on a ramdisk."),
    NO_NEW_KEYRING(
            "runtimes.handlers.*.no_new_keyring",
            Kind.FLAG,
            "false",
            "Leave containers the session keyring of their shim."),
    SHIM_CGROUP(
            "runtimes.handlers.*.shim_cgroup",
            Kind.TEXT,
            "\"\"",
            "The cgroup that shims move into; empty leaves them."),
    HANDLER_CNI_CONF(
            "runtimes.handlers.*.cni_conf_dir",
            Kind.PATH,
            "\"\"",
            "Folder of networks for this handler's pods alone; empty is cni.conf_dirs."),
    HANDLER_CNI_MAX(
            "runtimes.handlers.*.cni_max_networks",
            Kind.COUNT,
            "1",
            "How many of these a pod gets."),
    HANDLER_SNAPSHOTTER(
            "runtimes.handlers.*.snapshotter",
            Kind.TEXT,
            "\"\"",
            "What makes its pods' file systems; empty is images.snapshotter."),
    ALL_DEVICES(
            "runtimes.handlers.*.privileged_without_host_devices_all_devices_allowed",
            Kind.FLAG,
            "false",
            "Privileged containers without the host's devices may use any all the same."),
    SHIM_OPTIONS(
            "runtimes.handlers.*.options",
            Kind.TABLE,
            "{}",
            "A table for a shim that is not runc's; with ConfigPath only that is told."),
    SNAPSHOTTER("images.snapshotter", Kind.TEXT, "\"overlayfs\"", "overlayfs, or native: copies."),
    REGISTRY_HOSTS(
            "images.registry_hosts",
            Kind.PATH,
            "\"/etc/berth/certs.d\"",
            "Folder of HOST/hosts.toml, in containerd's format."),
    DOWNLOADS("images.concurrent_downloads", Kind.COUNT, "3", "Layers downloaded at once."),
    PINNED(
            "images.pinned_images",
            Kind.TEXTS,
            "[]",
            "Images that the kubelet may not collect: references, \"BEGINNING*\" or \"*PART*\"."),
    STORE_SALVAGE(
            "storage.salvage",
            Kind.TEXT,
            "\"refuse\"",
            "A damaged store: \"refuse\" to start, or \"auto\" to salvage it and go on."),
    CGROUP_PARENT(
            "pods.cgroup_parent",
            Kind.TEXT,
            "\"/berth\"",
            "Cgroup above pods for which the kubelet names none."),
    MAX_LOG_LINE("pods.max_log_line", Kind.COUNT, "16384", "Bytes after which a line is split."),
    STREAM_ADDRESS(
            "streaming.address",
            Kind.TEXT,
            "\"127.0.0.1\"",
            "Where exec, attach and port-forward streams are served."),
    STREAM_PORT(
            "streaming.port", Kind.TEXT, "\"0\"", "Their port; 0 leaves the choice to the kernel."),
    STREAM_IDLE(
            "streaming.idle_timeout",
            Kind.DURATION,
            "\"4h\"",
            "How long a stream may carry nothing."),
    STREAM_CERT(
            "streaming.tls_cert",
            Kind.PATH,
            "\"\"",
            "PEM file of the certificate; with it and the key, streams come by https."),
    STREAM_KEY("streaming.tls_key", Kind.PATH, "\"\"", "PEM file of its private key, in PKCS#8."),
    NRI("nri.enable", Kind.FLAG, "true", "Plugins of the node (NRI)."),
    NRI_SOCKET(
            "nri.socket_path",
            Kind.PATH,
            "\"/var/run/nri/nri.sock\"",
            "Where plugins of the node connect."),
    NRI_CLOSED(
            "nri.disable_connections",
            Kind.FLAG,
            "false",
            "Only plugins of plugin_path: nothing listens."),
    NRI_PLUGINS(
            "nri.plugin_path",
            Kind.PATH,
            "\"/opt/nri/plugins\"",
            "Programs named NN-name that are started as plugins."),
    NRI_CONFIGS(
            "nri.plugin_config_path",
            Kind.PATH,
            "\"/etc/nri/conf.d\"",
            "NN-name.conf or name.conf, which a started plugin is handed."),
    NRI_REGISTRATION(
            "nri.plugin_registration_timeout",
            Kind.DURATION,
            "\"5s\"",
            "For a plugin to register, and to be synchronized."),
    NRI_REQUEST(
            "nri.plugin_request_timeout",
            Kind.DURATION,
            "\"2s\"",
            "For each answer of a plugin; one that is late is closed."),
    NRI_VALIDATOR(
            "nri.default_validator.enable",
            Kind.FLAG,
            "false",
            "Holds what plugins change against the keys below."),
    NRI_REJECT_HOOKS(
            "nri.default_validator.reject_oci_hook_adjustment",
            Kind.FLAG,
            "false",
            "No plugin adds OCI hooks."),
    NRI_REJECT_DEFAULT_SECCOMP(
            "nri.default_validator.reject_runtime_default_seccomp_adjustment",
            Kind.FLAG,
            "false",
            "No plugin replaces the default seccomp filter."),
    NRI_REJECT_UNCONFINED_SECCOMP(
            "nri.default_validator.reject_unconfined_seccomp_adjustment",
            Kind.FLAG,
            "false",
            "No plugin filters a container that asks for no filter."),
    NRI_REJECT_CUSTOM_SECCOMP(
            "nri.default_validator.reject_custom_seccomp_adjustment",
            Kind.FLAG,
            "false",
            "No plugin replaces a filter that a container names."),
    NRI_REJECT_NAMESPACES(
            "nri.default_validator.reject_namespace_adjustment",
            Kind.FLAG,
            "false",
            "No plugin changes namespaces."),
    NRI_REJECT_SYSCTLS(
            "nri.default_validator.reject_sysctl_adjustment",
            Kind.FLAG,
            "false",
            "No plugin sets sysctls."),
    NRI_REQUIRED(
            "nri.default_validator.required_plugins",
            Kind.TEXTS,
            "[]",
            "Without these no container is created."),
    NRI_TOLERATED(
            "nri.default_validator.tolerate_missing_plugins_annotation",
            Kind.TEXT,
            "\"\"",
            "A pod's annotation, \"true\" where it needs none of them."),
    CDI_DIRS(
            "security.cdi_spec_dirs",
            Kind.PATHS,
            "[\"/etc/cdi\", \"/var/run/cdi\"]",
            "Folders of files with vendors' devices; a later one's replace an earlier one's."),
    UNSET_SECCOMP(
            "security.unset_seccomp_profile",
            Kind.TEXT,
            "\"\"",
            "What counts where no seccomp profile is asked for, such as runtime/default."),
    DISABLE_APPARMOR(
            "security.disable_apparmor",
            Kind.FLAG,
            "false",
            "Whether AppArmor is left alone also where the kernel has it."),
    ENABLE_SELINUX(
            "security.enable_selinux",
            Kind.FLAG,
            "false",
            "Whether containers and their files are labelled where the kernel has SELinux."),
    SELINUX_CATEGORIES(
            "security.selinux_category_range",
            Kind.COUNT,
            "1024",
            "How many SELinux categories pods are told apart by."),
    RESTORE_FROM_IMAGES(
            "checkpoint.restore_from_images",
            Kind.FLAG,
            "false",
            "Whether CreateContainer restores a container from an image that carries a checkpoint."),
    METRICS(
            "metrics.address",
            Kind.TEXT,
            "\"127.0.0.1:9745\"",
            "Where /metrics is served; empty serves it nowhere."),
    NATIVE(
            "daemon.native_program",
            Kind.PATH,
            "\"/usr/local/lib/berth/bin/berth-native\"",
            "The program that writes containers' logs."),
    OOM_SCORE(
            "daemon.oom_score",
            Kind.TEXT,
            "\"\"",
            "The daemon's own oom_score_adj, -1000 to 1000; empty leaves it."),
    OWN_CGROUP("daemon.cgroup", Kind.TEXT, "\"\"", "The daemon's own cgroup; empty leaves it."),
    KILL("timeouts.kill", Kind.DURATION, "\"60s\"", "From SIGKILL to a process's end."),
    LOG_DRAIN(
            "timeouts.log_drain", Kind.DURATION, "\"5s\"", "From a container's end to its log's."),
    EXEC_DRAIN(
            "timeouts.exec_drain",
            Kind.DURATION,
            "\"5s\"",
            "From a command's end to its output's."),
    ADOPT("timeouts.shim_adopt", Kind.DURATION, "\"5s\"", "To reach a shim after a restart."),
    LOG_WRITER("timeouts.log_writer_start", Kind.DURATION, "\"5s\"", "To start a log writer.");

    /** What a key's value is. */
    enum Kind {
        PATH("an absolute path in quotes"),
        PATHS("a list of absolute paths"),
        TEXT("a text in quotes"),
        TEXTS("a list of texts in quotes"),
        COUNT("a number from 1 to 1048576"),
        FLAG("true or false"),
        TABLE("a table"),
        DURATION("a time such as \"500ms\", \"60s\" or \"2m\"");

        private final String wanted;

        Kind(String wanted) {
            this.wanted = wanted;
        }

        String wanted() {
            return wanted;
        }
    }

    private final String path;
    private final Kind kind;
    private final String standard;
    private final String purpose;

    ConfigKey(String path, Kind kind, String standard, String purpose) {
        this.path = path;
        this.kind = kind;
        this.standard = standard;
        this.purpose = purpose;
    }

    String path() {
        return path;
    }

    Kind kind() {
        return kind;
    }

    /** The default, as TOML. */
    String standard() {
        return standard;
    }

    String purpose() {
        return purpose;
    }

    /** The key that a path in a file means. */
    static Optional<ConfigKey> of(List<String> found) {
        return Stream.of(values()).filter(key -> key.matches(found)).findFirst();
    }

    private boolean matches(List<String> found) {
        var parts = path.split("\\.", -1);
        if (parts.length != found.size()) {
            return false;
        }
        for (int i = 0; i < parts.length; i++) {
            if (!parts[i].equals("*") && !parts[i].equals(found.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** The known path nearest to one that is unknown. */
    static String nearest(String found) {
        return Stream.of(values())
                .map(ConfigKey::path)
                .min(Comparator.comparingInt(path -> distance(path, found)))
                .orElseThrow();
    }

    /** How many letters to change, add or drop to make one text of another. */
    private static int distance(String one, String other) {
        var row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
