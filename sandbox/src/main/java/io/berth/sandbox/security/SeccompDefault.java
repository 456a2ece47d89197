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

    /** The calls that make sockets; socketpair(2) fails for the other families anyway. */
    private static final List<String> SOCKETS = List.of("socket", "socketpair");

    /**
     * The flags of clone(2) that make namespaces: mnt, cgroup, uts, ipc, user, pid, net. The mask
     * leaves out the upper 32 bits, which the kernel ignores.
     */
    private static final long CLONE_NAMESPACES = 0x7e02_0000L;

    /**
     * Linux as it is, as on 32 bits, as if 2.6, both, and the question which one it is. A value
     * with bits above the 32 that the kernel takes equals none of them and is refused.
     */
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
            when(calls, "SCMP_CMP_EQ", personality, List.of("personality"));
        }
        if (!bounding.contains("CAP_SYS_ADMIN")) {
            when(calls, "SCMP_CMP_MASKED_EQ", CLONE_NAMESPACES, List.of("clone"));
            call(calls, ERRNO).add("clone3");
            // Its flags are behind a pointer; libraries that hear ENOSYS take clone instead.
            ((ObjectNode) calls.get(calls.size() - 1)).put("errnoRet", ENOSYS);
        }
        return profile;
    }

    /**
     * Allows sockets of the listed families. The kernel takes the family as an int, so the rules
     * compare the low 32 bits of the argument only. Each rule has one condition: runtimes make
     * separate rules of two conditions on one argument.
     */
    private static void sockets(ArrayNode calls) {
        for (var block : SocketFamilies.blocks()) {
            var condition = when(calls, "SCMP_CMP_MASKED_EQ", block.mask(), SOCKETS);
            condition.put("valueTwo", block.first());
        }
    }

    private static ObjectNode when(
            ArrayNode calls, String comparison, long value, List<String> names) {
        var allowed = call(calls, ALLOW);
        names.forEach(allowed::add);
        var condition = ((ObjectNode) calls.get(calls.size() - 1)).putArray("args").addObject();
        return condition.put("index", 0).put("value", value).put("op", comparison);
    }

    private static ArrayNode call(ArrayNode calls, String action) {
        return calls.addObject().put("action", action).putArray("names");
    }
}
