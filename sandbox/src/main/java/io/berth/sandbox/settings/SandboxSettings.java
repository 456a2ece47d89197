package io.berth.sandbox.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What the operator decides about pods and containers.
 *
 * @param root folder for what survives a reboot
 * @param state folder for what does not: bundles, FIFOs, pins; on tmpfs as a rule
 * @param nativeProgram the program that holds a pod's namespaces and writes containers' logs
 * @param defaultRuntime the handler that an empty runtime_handler stands for
 * @param runtimes every handler by its name
 * @param cgroupParent where pods go that name no parent of their own
 * @param pauseImage reference of the built-in image that sandboxes run
 * @param maxLogLine bytes after which a line of output is split
 */
public record SandboxSettings(
        Path root,
        Path state,
        Path nativeProgram,
        String defaultRuntime,
        Map<String, RuntimeHandler> runtimes,
        String cgroupParent,
        String pauseImage,
        int maxLogLine,
        Timeouts timeouts) {

    public SandboxSettings {
        runtimes = Map.copyOf(runtimes);
        if (!runtimes.containsKey(defaultRuntime)) {
            throw new IllegalArgumentException(
                    "default runtime: found '%s', wanted one of %s"
                            .formatted(defaultRuntime, runtimes.keySet()));
        }
    }

    /**
     * How one runtime handler's containers are run.
     *
     * @param shim the shim's binary, an absolute path
     * @param binary the OCI runtime that the shim calls, if not the shim's own choice
     * @param systemdCgroup whether cgroup paths are systemd's slice:prefix:name
     * @param privilegedWithoutHostDevices whether a privileged container has only the devices that
     *     it asks for
     * @param options what else it changes
     */
    public record RuntimeHandler(
            String name,
            Path shim,
            Optional<Path> binary,
            boolean systemdCgroup,
            boolean privilegedWithoutHostDevices,
            RuntimeOptions options) {
        /** One that changes nothing else. */
        public RuntimeHandler(
                String name,
                Path shim,
                Optional<Path> binary,
                boolean systemdCgroup,
                boolean privilegedWithoutHostDevices) {
            this(
                    name,
                    shim,
                    binary,
                    systemdCgroup,
                    privilegedWithoutHostDevices,
                    RuntimeOptions.NONE);
        }
    }

    /**
     * How long things may take before berth goes on without them, or says so.
     *
     * @param kill from SIGKILL to the end of a process
     * @param drain from a container's end to the last byte of its log
     * @param execDrain from a command's end to the last byte of its output
     * @param adopt to reach one shim after a restart
     */
    public record Timeouts(Duration kill, Duration drain, Duration execDrain, Duration adopt) {
        /** What holds when nothing is configured. */
        public static Timeouts defaults() {
            return new Timeouts(
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5));
        }
    }

    /** The handler of a name; the default one for the empty name. */
    public Optional<RuntimeHandler> handler(String name) {
        return Optional.ofNullable(runtimes.get(name.isEmpty() ? defaultRuntime : name));
    }
}
