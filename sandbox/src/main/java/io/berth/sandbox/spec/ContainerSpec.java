package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cri.v1.ContainerConfig;
import io.berth.imageservice.image.ImageConfig;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.security.ContainerSecurity;
import io.berth.sandbox.security.SecuritySpec;

/** The OCI runtime config of a container. */
public final class ContainerSpec {
    private ContainerSpec() {}

    /**
     * The bytes of config.json.
     *
     * @throws SandboxException.InvalidRequest if the request contradicts itself, its pod or the
     *     machine
     */
    public static byte[] json(
            Container container,
            PodSandbox sandbox,
            ImageConfig image,
            ContainerHost host,
            ContainerSecurity security) {
        var config = container.config();
        var context = config.getLinux().getSecurityContext();
        var spec = OciJson.object();
        spec.put("ociVersion", OciJson.VERSION);
        spec.set("process", process(config, sandbox, image, host));
        spec.putObject("root").put("path", "rootfs").put("readonly", context.getReadonlyRootfs());
        spec.set("mounts", Mounts.ofContainer(config, sandbox, host));
        spec.set("annotations", OciJson.object(Annotations.ofContainer(container, sandbox)));
        spec.set("linux", linux(config, sandbox, host));
        SecuritySpec.write(spec, security);
        return OciJson.bytes(spec);
    }

    private static ObjectNode process(
            ContainerConfig config, PodSandbox sandbox, ImageConfig image, ContainerHost host) {
        var context = config.getLinux().getSecurityContext();
        var process = OciJson.object();
        process.put("terminal", config.getTty());
        process.set("user", ProcessUser.json(host.user()));
        process.set("args", OciJson.array(Command.args(config, image)));
        process.set(
                "env",
                OciJson.array(Environment.of(config, image, hostname(sandbox, host.limits()))));
        process.put("cwd", Command.workingDirectory(config, image));
        process.set(
                "capabilities",
                context.getPrivileged()
                        ? Capabilities.all(host.limits())
                        : Capabilities.json(context.getCapabilities(), host.limits()));
        process.put("noNewPrivileges", context.getNoNewPrivs());
        if (config.getLinux().hasResources()) {
            var wanted = config.getLinux().getResources().getOomScoreAdj();
            process.put("oomScoreAdj", host.limits().oomScoreAdj(wanted));
        }
        return process;
    }

    private static String hostname(PodSandbox sandbox, HostLimits limits) {
        var given = sandbox.brief().getHostname();
        return given.isEmpty() ? limits.hostname() : given;
    }

    /**
     * Paths are masked as the request says, also none: that is how an unmasked /proc is asked for.
     */
    private static ObjectNode linux(
            ContainerConfig config, PodSandbox sandbox, ContainerHost host) {
        var context = config.getLinux().getSecurityContext();
        var linux = OciJson.object();
        linux.put("cgroupsPath", host.cgroupsPath());
        linux.set("namespaces", Namespaces.ofContainer(config, sandbox, host));
        UserNamespaces.write(UserNamespaces.of(sandbox.brief()), linux);
        linux.set("resources", Resources.of(config.getLinux().getResources(), host.limits()));
        linux.set("maskedPaths", OciJson.array(context.getMaskedPathsList()));
        linux.set("readonlyPaths", OciJson.array(context.getReadonlyPathsList()));
        Mounts.rootPropagation(config).ifPresent(how -> linux.put("rootfsPropagation", how));
        return linux;
    }
}
