package io.berth.sandbox.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeccompDefaultTest {
    private static final KernelVersion KERNEL = new KernelVersion(6, 18);

    @Test
    void allowsWhatProgramsNeedAndNothingElse() {
        var profile = SeccompDefault.json(Set.of(), KERNEL);
        assertThat(profile.get("defaultAction").asText()).isEqualTo("SCMP_ACT_ERRNO");
        assertThat(texts(profile.get("architectures")))
                .containsExactly("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
        assertThat(unconditional(profile))
                .hasSizeGreaterThan(360)
                .doesNotHaveDuplicates()
                .contains("read", "execve", "futex_waitv", "ptrace", "arch_prctl", "statmount")
                .doesNotContain("mount", "unshare", "bpf", "keyctl", "add_key", "userfaultfd")
                .doesNotContain("io_uring_setup", "kexec_load", "reboot", "chroot", "clone3");
    }

    @Test
    void aCapabilityBringsTheCallsItIsFor() {
        assertThat(unconditional(SeccompDefault.json(Set.of("CAP_SYS_CHROOT"), KERNEL)))
                .contains("chroot");
        assertThat(unconditional(SeccompDefault.json(Set.of("CAP_SYS_TIME"), KERNEL)))
                .contains("settimeofday", "clock_settime");
        assertThat(unconditional(SeccompDefault.json(Set.of("CAP_SYS_ADMIN"), KERNEL)))
                .contains("mount", "unshare", "setns", "sethostname", "clone", "clone3");
    }

    @Test
    void withoutAdministrationCloneMakesNoNamespaceAndClone3IsUnknown() {
        var profile = SeccompDefault.json(Set.of(), KERNEL);
        var clone = only(profile, "clone");
        assertThat(clone.at("/args/0/value").asLong()).isEqualTo(0x7e020000L);
        assertThat(clone.at("/args/0/op").asText()).isEqualTo("SCMP_CMP_MASKED_EQ");
        var clone3 = only(profile, "clone3");
        assertThat(clone3.get("action").asText()).isEqualTo("SCMP_ACT_ERRNO");
        assertThat(clone3.get("errnoRet").asInt()).isEqualTo(38);
    }

    @Test
    void twoSocketFamiliesMatchNoRuleWhateverTheUpperBitsAre() {
        var profile = SeccompDefault.json(Set.of(), KERNEL);
        for (var call : List.of("socket", "socketpair")) {
            for (long upper : List.of(0L, 1L << 32, 1L << 63, 0xffff_ffffL << 32)) {
                for (int family = 0; family < 64; family++) {
                    assertThat(allows(profile, call, upper | family))
                            .as("%s of family %d with upper bits %x", call, family, upper)
                            .isEqualTo(family < 46 && family != 38 && family != 40);
                }
                assertThat(allows(profile, call, upper | 0xffff_ffffL)).isFalse();
                assertThat(allows(profile, call, upper | 0x8000_0026L)).isFalse();
            }
        }
    }

    @Test
    void noComparisonLooksAtBitsThatTheKernelDrops() {
        var profile = SeccompDefault.json(Set.of(), KERNEL);
        for (var call : profile.get("syscalls")) {
            for (var condition : call.path("args")) {
                if (!condition.get("op").asText().equals("SCMP_CMP_EQ")) {
                    assertThat(condition.get("op").asText()).isEqualTo("SCMP_CMP_MASKED_EQ");
                    assertThat(condition.get("value").asLong() >>> 32).as("%s", call).isZero();
                }
            }
        }
    }

    @Test
    void onlyHarmlessPersonalitiesAreTaken() {
        var profile = SeccompDefault.json(Set.of(), KERNEL);
        assertThat(allows(profile, "personality", 0)).isTrue();
        assertThat(allows(profile, "personality", 0xffffffffL)).isTrue();
        assertThat(allows(profile, "personality", 0x0040000)).isFalse();
        assertThat(allows(profile, "personality", 0x1_0004_0000L)).isFalse();
    }

    @Test
    void tracingNeedsAKernelThatFiltersWhatIsTraced() {
        assertThat(unconditional(SeccompDefault.json(Set.of(), new KernelVersion(4, 7))))
                .doesNotContain("ptrace", "process_vm_readv");
        assertThat(
                        unconditional(
                                SeccompDefault.json(
                                        Set.of("CAP_SYS_PTRACE"), new KernelVersion(4, 7))))
                .contains("ptrace", "process_vm_readv");
    }

    @Test
    void aTableThatMakesNoSenseNamesItsLine() {
        assertThatThrownBy(() -> SyscallTable.parse("always\n  read\nsometimes\n  write\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"sometimes\"");
    }

    @Test
    void kernelReleasesAreReadByTheirFirstTwoNumbers() {
        assertThat(KernelVersion.parse("6.18.5-generic\n")).isEqualTo(KERNEL);
        assertThat(new KernelVersion(4, 19)).isGreaterThan(new KernelVersion(4, 8));
        assertThatThrownBy(() -> KernelVersion.parse("Linux")).hasMessageContaining("'Linux'");
    }

    private static List<String> unconditional(ObjectNode profile) {
        var names = new ArrayList<String>();
        for (var call : profile.get("syscalls")) {
            if (!call.has("args") && call.get("action").asText().equals("SCMP_ACT_ALLOW")) {
                names.addAll(texts(call.get("names")));
            }
        }
        return names;
    }

    private static JsonNode only(ObjectNode profile, String name) {
        var found = new ArrayList<JsonNode>();
        for (var call : profile.get("syscalls")) {
            if (texts(call.get("names")).contains(name)) {
                found.add(call);
            }
        }
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    /** What a filter says that is made of one rule a condition. */
    private static boolean allows(ObjectNode profile, String name, long argument) {
        for (var call : profile.get("syscalls")) {
            if (texts(call.get("names")).contains(name)) {
                long value = call.at("/args/0/value").asLong();
                long second = call.at("/args/0/valueTwo").asLong();
                boolean matches =
                        switch (call.at("/args/0/op").asText()) {
                            case "SCMP_CMP_EQ" -> argument == value;
                            case "SCMP_CMP_MASKED_EQ" -> (argument & value) == second;
                            default -> throw new AssertionError(call);
                        };
                if (matches) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(each -> texts.add(each.asText()));
        return texts;
    }
}
