package io.berth.daemon.config;

/** A configuration that sets every key there is. */
final class AllKeys {
    static final String TOML =
            """
            root = "/a/root"
            state = "/a/state"
            [cri]
            socket = "/a/cri.sock"
            [cni]
            conf_dirs = ["/a/conf", "/b/conf"]
            bin_dirs = ["/a/bin"]
            max_networks = 2
            conf_template = "/a/template"
            [runtimes]
            default = "crun"
            [runtimes.handlers.crun]
            shim = "/a/shim"
            binary = "/a/crun"
            systemd_cgroup = true
            root = "/a/runtime"
            pod_annotations = ["a.*", "b"]
            container_annotations = []
            base_runtime_spec = "/a/base.json"
            no_pivot_root = true
            no_new_keyring = true
            shim_cgroup = "/a-shims"
            cni_conf_dir = "/a/net"
            cni_max_networks = 4
            privileged_without_host_devices = true
            privileged_without_host_devices_all_devices_allowed = true
            snapshotter = "overlayfs"
            [runtimes.handlers.other]
            shim = "/a/containerd-shim-other-v1"
            options = { ConfigPath = "/a/other.toml" }
            [images]
            snapshotter = "native"
            registry_hosts = "/a/certs"
            concurrent_downloads = 7
            pinned_images = ["busybox", "*base*"]
            [storage]
            salvage = "auto"
            [pods]
            cgroup_parent = "/a-parent"
            max_log_line = 4096
            [streaming]
            address = "127.0.0.2"
            port = "10010"
            idle_timeout = "5m"
            tls_cert = "/a/cert.pem"
            tls_key = "/a/key.pem"
            [security]
            cdi_spec_dirs = ["/a/cdi"]
            unset_seccomp_profile = "runtime/default"
            disable_apparmor = true
            enable_selinux = true
            selinux_category_range = 512
            [checkpoint]
            restore_from_images = true
            [nri]
            enable = false
            socket_path = "/a/nri.sock"
            disable_connections = true
            plugin_path = "/a/plugins"
            plugin_config_path = "/a/plugins.d"
            plugin_registration_timeout = "7s"
            plugin_request_timeout = "8s"
            [nri.default_validator]
            enable = true
            reject_oci_hook_adjustment = true
            reject_runtime_default_seccomp_adjustment = false
            reject_unconfined_seccomp_adjustment = true
            reject_custom_seccomp_adjustment = false
            reject_namespace_adjustment = true
            reject_sysctl_adjustment = false
            required_plugins = ["guard"]
            tolerate_missing_plugins_annotation = "a/tolerate"
            [metrics]
            address = "127.0.0.1:1"
            [daemon]
            native_program = "/a/native"
            oom_score = "-999"
            cgroup = "/a/own"
            [timeouts]
            kill = "1500ms"
            log_drain = "2s"
            exec_drain = "3m"
            shim_adopt = "4h"
            log_writer_start = "6s"
            """;

    private AllKeys() {}
}
