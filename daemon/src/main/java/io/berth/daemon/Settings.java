package io.berth.daemon;

import io.berth.cni.CniConfig;
import io.berth.cni.CniTimeouts;
import io.berth.daemon.config.NodeConfig;
import io.berth.imageservice.pull.PullSettings;
import io.berth.linux.Linux;
import io.berth.linux.Processes;
import io.berth.linux.UserNamespaces;
import io.berth.sandbox.nri.NriSettings;
import io.berth.sandbox.runtime.IdmapProbe;
import io.berth.sandbox.runtime.RuntimeProbe;
import io.berth.sandbox.security.SecurityHost;
import io.berth.sandbox.settings.RuntimeOptions;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.settings.ShimOptions;
import io.berth.shimclient.shim.ShimSettings;
import io.berth.shimclient.shim.ShimTimeouts;
import io.berth.shimclient.writer.LogWriters;
import io.berth.shimclient.writer.NativeProgram;
import io.berth.streaming.StreamSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.tomlj.Toml;

/** The configuration in the words of each module. */
final class Settings {
    /** How long a client may take to open its streams; as containerd has it. */
    private static final Duration STREAM_CREATION = Duration.ofSeconds(30);

    private Settings() {}

    static SandboxSettings of(NodeConfig config, String pauseImage) {
        var handlers = new HashMap<String, SandboxSettings.RuntimeHandler>();
        config.runtimes()
                .handlers()
                .forEach(
                        (name, handler) ->
                                handlers.put(
                                        name,
                                        new SandboxSettings.RuntimeHandler(
                                                name,
                                                handler.shim(),
                                                handler.binary(),
                                                handler.systemdCgroup(),
                                                handler.privilegedWithoutHostDevices(),
                                                options(handler.options()))));
        var timeouts = config.timeouts();
        return new SandboxSettings(
                config.root(),
                config.state(),
                config.process().nativeProgram(),
                config.runtimes().defaultHandler(),
                handlers,
                config.pods().cgroupParent(),
                pauseImage,
                config.pods().maxLogLineBytes(),
                new SandboxSettings.Timeouts(
                        timeouts.kill(),
                        timeouts.logDrain(),
                        timeouts.execDrain(),
                        timeouts.shimAdopt()));
    }

    /** The probe of the OCI runtimes that the settings name. */
    static RuntimeProbe runtimes(
            SandboxSettings settings,
            Processes processes,
            Linux linux,
            UserNamespaces userNamespaces) {
        var idmap = new IdmapProbe(linux, userNamespaces, settings.root());
        return new RuntimeProbe(settings, processes, idmap);
    }

    /** The starter of log writers, which are the native program. */
    static LogWriters logWriters(NodeConfig config, Processes processes) {
        return new LogWriters(
                NativeProgram.at(config.process().nativeProgram()),
                processes,
                config.timeouts().logWriterStart());
    }

    static SecurityHost.Settings security(NodeConfig config, Path bundles) {
        return new SecurityHost.Settings(
                config.security().cdiSpecDirs(),
                config.security().disableAppArmor(),
                config.security().enableSelinux() ? config.security().selinuxCategories() : 0,
                config.security().unsetSeccomp(),
                bundles,
                config.security().restoreFromImages());
    }

    private static RuntimeOptions options(NodeConfig.HandlerOptions options) {
        return new RuntimeOptions(
                options.root(),
                options.noPivotRoot(),
                options.noNewKeyring(),
                options.shimCgroup(),
                options.podAnnotations(),
                options.containerAnnotations(),
                options.baseSpec(),
                options.cniConfDir()
                        .map(dir -> new RuntimeOptions.Network(dir, options.cniMaxNetworks())),
                options.snapshotter(),
                options.allDevicesAllowed(),
                options.shimOptions().map(Settings::shimOptions));
    }

    /** What containerd calls so in the table too. */
    private static ShimOptions shimOptions(String lines) {
        var table = Toml.parse(lines);
        return new ShimOptions(
                String.valueOf(table.getString("TypeUrl", () -> "")),
                String.valueOf(table.getString("ConfigPath", () -> "")),
                lines);
    }

    /** The snapshotters that handlers name beside the node's own. */
    static Set<String> snapshotters(NodeConfig config) {
        return config.runtimes().handlers().values().stream()
                .flatMap(handler -> handler.options().snapshotter().stream())
                .collect(Collectors.toSet());
    }

    static CniConfig cni(NodeConfig config, Path netnsFolder) {
        return new CniConfig(
                config.cni().confDirs(),
                config.cni().binDirs(),
                config.root().resolve("cni"),
                netnsFolder,
                config.cni().maxNetworks(),
                CniTimeouts.DEFAULTS,
                config.cni().confTemplate());
    }

    static ShimSettings shims(NodeConfig config, String namespace) {
        return new ShimSettings(
                namespace,
                config.socket(),
                config.socket().resolveSibling(config.socket().getFileName() + ".ttrpc"),
                config.process().nativeProgram(),
                ShimTimeouts.DEFAULT);
    }

    static NriSettings nri(NodeConfig config) {
        var nri = config.nri();
        var validator = nri.validator();
        return new NriSettings(
                nri.socketPath(),
                !nri.disableConnections(),
                nri.pluginPath(),
                nri.pluginConfigPath(),
                nri.registrationTimeout(),
                nri.requestTimeout(),
                new NriSettings.Validation(
                        validator.enable(),
                        validator.rejectHooks(),
                        validator.rejectDefaultSeccomp(),
                        validator.rejectUnconfinedSeccomp(),
                        validator.rejectCustomSeccomp(),
                        validator.rejectNamespaces(),
                        validator.rejectSysctls(),
                        validator.requiredPlugins(),
                        validator.toleratingAnnotation().orElse("")));
    }

    static PullSettings pulls(NodeConfig config) {
        var standard = PullSettings.DEFAULT;
        return new PullSettings(
                config.images().concurrentDownloads(),
                standard.concurrentUnpacks(),
                standard.attempts(),
                standard.layerLimits(),
                standard.maxArchiveBytes(),
                standard.maxArchiveMembers());
    }

    /**
     * How streams are served.
     *
     * @param waitingBytes how many bytes of all clients together may wait to be read
     */
    static StreamSettings streams(NodeConfig config, long waitingBytes) {
        var streaming = config.streaming();
        return new StreamSettings(
                streaming.address(),
                streaming.port(),
                streaming.idleTimeout(),
                STREAM_CREATION,
                streaming
                        .certificate()
                        .flatMap(
                                certificate ->
                                        streaming
                                                .key()
                                                .map(
                                                        key ->
                                                                new StreamSettings.Tls(
                                                                        certificate, key))),
                (int) Math.min(waitingBytes, Integer.MAX_VALUE));
    }
}
