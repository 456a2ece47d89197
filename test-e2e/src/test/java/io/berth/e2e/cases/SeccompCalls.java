package io.berth.e2e.cases;

import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.SecurityProfile;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.pod.SystemCall;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * System calls that RuntimeDefault refuses, some with bits set that the kernel does not look at: a
 * filter that compares all 64 bits lets them through.
 */
public final class SeccompCalls implements HostileCase {
    private static final long UPPER = 1L << 32;
    private static final int ALG = 38;
    private static final int VSOCK = 40;
    private static final String REFUSED = " 1"; // EPERM

    @Override
    public String name() {
        return "seccomp-calls";
    }

    @Override
    public String purpose() {
        return "A container with RuntimeDefault makes system calls that the profile refuses.";
    }

    private static Map<String, SystemCall> calls() {
        var calls = new LinkedHashMap<String, SystemCall>();
        calls.put("socket-alg", SystemCall.socket(ALG));
        calls.put("socket-alg-high", SystemCall.socket(UPPER | ALG));
        calls.put("socket-vsock", SystemCall.streamSocket(VSOCK));
        calls.put("socket-vsock-high", SystemCall.streamSocket(UPPER | VSOCK));
        calls.put("socket-vsock-sign", SystemCall.streamSocket(Long.MIN_VALUE | VSOCK));
        calls.put("keyctl", new SystemCall(250, 0, -3, 0));
        calls.put("io_uring_setup", new SystemCall(425, 8, 0, 0));
        calls.put("userfaultfd", new SystemCall(323, 0, 0, 0));
        calls.put("bpf", new SystemCall(321, 0, 0, 0));
        calls.put("perf_event_open", new SystemCall(298, 0, 0, 0));
        calls.put("mount", new SystemCall(165, 0, 0, 0));
        calls.put("open_by_handle_at", new SystemCall(304, -100, 0, 0));
        calls.put("init_module", new SystemCall(175, 0, 0, 0));
        calls.put("unshare-user", new SystemCall(272, 0x1000_0000, 0, 0));
        return calls;
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var kubelet = new Kubelet(daemon);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        try {
            var script = new StringBuilder();
            calls().forEach((name, call) -> script.append(call.script(name)).append(';'));
            var profile =
                    SecurityProfile.newBuilder()
                            .setProfileType(SecurityProfile.ProfileType.RuntimeDefault);
            var config =
                    kubelet.shell("c", script + "echo over")
                            .setLinux(
                                    LinuxContainerConfig.newBuilder()
                                            .setSecurityContext(
                                                    LinuxContainerSecurityContext.newBuilder()
                                                            .setSeccomp(profile)))
                            .build();
            kubelet.launch(sandbox, pod, config);
            kubelet.awaitLine(Kubelet.log(pod, config), "over");
            var said = LogLine.texts(Kubelet.log(pod, config), "stdout");
            var faults = new ArrayList<String>();
            for (var name : calls().keySet()) {
                if (!said.contains(name + REFUSED)) {
                    faults.add(
                            name
                                    + ": found "
                                    + said.stream().filter(it -> it.startsWith(name + " ")).toList()
                                    + ", wanted EPERM");
                }
            }
            return faults;
        } finally {
            kubelet.end(sandbox);
        }
    }
}
