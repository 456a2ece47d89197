package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.security.PodSecurity;
import io.berth.sandbox.security.Seccomp;
import io.berth.sandbox.security.SecuritySpec;
import java.util.List;

/** The OCI runtime config of a pod's pause process, which holds the pod's namespaces. */
public final class PodSpec {
    /** It holds what the whole pod needs, so nearly everything else is killed before it. */
    private static final int OOM_SCORE_ADJ = -998;

    private static final List<String> PAUSE = List.of("/pause", "pause");

    private PodSpec() {}

    /**
     * The bytes of config.json.
     *
     * @throws SandboxException.InvalidRequest for a user, group or sysctl that cannot be given
     */
    public static byte[] json(PodSandbox sandbox, PodHost host, PodSecurity security) {
        var config = sandbox.config();
        var spec = OciJson.object();
        spec.put("ociVersion", OciJson.VERSION);
        spec.set("process", process(sandbox, host.limits()));
        spec.putObject("root").put("path", "rootfs").put("readonly", true);
        if (!sandbox.onHostNetwork() && !config.getHostname().isEmpty()) {
            spec.put("hostname", config.getHostname());
        }
        spec.set("mounts", Mounts.ofPause(sandbox, host.features()));
        spec.set("annotations", OciJson.object(Annotations.ofPause(sandbox)));
        spec.set("linux", linux(sandbox, host, security));
        SecuritySpec.write(spec, security);
        return OciJson.bytes(spec);
    }

    private static ObjectNode process(PodSandbox sandbox, HostLimits limits) {
        var context = sandbox.config().getLinux().getSecurityContext();
        var process = OciJson.object();
        process.put("terminal", false);
        process.set("user", ProcessUser.json(Users.ofPod(context)));
        process.set("args", OciJson.array(PAUSE));
        process.set("env", OciJson.array());
        process.put("cwd", "/");
        process.set("capabilities", Capabilities.none());
        process.put("noNewPrivileges", true);
        process.put("oomScoreAdj", limits.oomScoreAdj(OOM_SCORE_ADJ));
        return process;
    }

    private static ObjectNode linux(PodSandbox sandbox, PodHost host, PodSecurity security) {
        var linux = OciJson.object();
        linux.put("cgroupsPath", host.cgroupsPath());
        linux.set("namespaces", Namespaces.ofPause(sandbox, host));
        UserNamespaces.write(UserNamespaces.of(sandbox.brief()), linux);
        linux.set("resources", Resources.ofPause());
        linux.set("sysctl", Sysctls.json(sandbox));
        switch (security.seccomp()) {
            case Seccomp.Unconfined _ -> {}
            case Seccomp.RuntimeDefault _ -> linux.set("seccomp", PauseSeccomp.json());
            case Seccomp.Profile(var json) -> linux.set("seccomp", json);
        }
        return linux;
    }
}
