package io.berth.sandbox.security;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;

/**
 * The seccomp profile that RuntimeDefault stands for, in the form of the OCI runtime spec
 * (config-linux.md, Seccomp). It depends on the container's capabilities: what one of them is for
 * is not taken away again.
 */
final class SeccompDefault {
    private static final SyscallTable TABLE = SyscallTable.load();
    private static final String MACHINE = "x86_64";
    private static final List<String> ARCHITECTURES =
            List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");

    private static final String ALLOW = "SCMP_ACT_ALLOW";
    private static final String ERRNO = "SCMP_ACT_ERRNO";
    private static final int ENOSYS = 38;

    /** Crypto in the kernel, and hosts of virtual machines: no container's business. */
    private static final int AF_ALG = 38;

    private static final int AF_VSOCK = 40;

    /** The flags of clone(2) that make namespaces: mnt, cgroup, uts, ipc, user, pid, net. */
    private static final long CLONE_NAMESPACES = 0x7e02_0000L;

    /** Linux as it is, as on 32 bits, as if 2.6, both, and the question which one it is. */
    private static final List<Long> PERSONALITIES =
            List.of(0L, 0x8L, 0x2_0000L, 0x2_0008L, 0xffff_ffffL);

    private SeccompDefault() {}

    /**
     * The profile of a container.
     *
     * @param bounding its capabilities, such as CAP_CHOWN
     */
    static ObjectNode json(Set<String> bounding, KernelVersion kernel) {
        var profile = JsonNodeFactory.instance.objectNode();
        profile.put("defaultAction", ERRNO);
        var architectures = profile.putArray("architectures");
        ARCHITECTURES.forEach(architectures::add);
        var calls = profile.putArray("syscalls");
        var names = call(calls, ALLOW);
        TABLE.allowed(bounding, kernel, MACHINE).forEach(names::add);
        sockets(calls);
        for (long personality : PERSONALITIES) {
            when(calls, "personality", personality, "SCMP_CMP_EQ");
        }
        if (!bounding.contains("CAP_SYS_ADMIN")) {
            when(calls, "clone", CLONE_NAMESPACES, "SCMP_CMP_MASKED_EQ");
            call(calls, ERRNO).add("clone3");
            // Its flags are behind a pointer; libraries that hear ENOSYS take clone instead.
            ((ObjectNode) calls.get(calls.size() - 1)).put("errnoRet", ENOSYS);
        }
        return profile;
    }

    /**
     * Every family but two, as three ranges with one condition each: runtimes make separate rules
     * of two conditions on one argument, so that "neither of both" would let both through.
     */
    private static void sockets(ArrayNode calls) {
        when(calls, "socket", AF_ALG, "SCMP_CMP_LT");
        when(calls, "socket", AF_ALG + 1, "SCMP_CMP_EQ");
        when(calls, "socket", AF_VSOCK, "SCMP_CMP_GT");
    }

    private static void when(ArrayNode calls, String name, long value, String comparison) {
        call(calls, ALLOW).add(name);
        var condition = ((ObjectNode) calls.get(calls.size() - 1)).putArray("args").addObject();
        condition.put("index", 0).put("value", value).put("op", comparison);
    }

    private static ArrayNode call(ArrayNode calls, String action) {
        return calls.addObject().put("action", action).putArray("names");
    }
}
