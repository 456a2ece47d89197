package io.berth.sandbox.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeccompProofTest {
    /** read(2) always; socket(2) of AF_UNIX and its neighbour; clone(2) without namespaces. */
    static final String PROFILE =
            """
            {"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[
             {"names":["read"],"action":"SCMP_ACT_ALLOW"},
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[
              {"index":0,"value":4294967294,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}]},
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[
              {"index":0,"value":10,"op":"SCMP_CMP_EQ"}]},
             {"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[
              {"index":0,"value":2114060288,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}]}]}
            """;

    private static final int ARGUMENT = 16;

    @Test
    void aFilterThatDoesWhatTheProfileSaysFits() throws IOException {
        assertThat(excess(straight(0x7e02_0000, 10))).isEmpty();
    }

    /** A filter that does what the profile says, with the mask and the family given. */
    static BpfCode straight(int cloneMask, int family) {
        return new BpfCode()
                .load(4)
                .equal(BpfCode.X86_64, 1, 0)
                .end(0)
                .load(0)
                .equal(0, 0, 1)
                .end(BpfCode.ALLOW)
                .equal(56, 0, 4)
                .load(ARGUMENT)
                .and(cloneMask)
                .equal(0, 0, 1)
                .end(BpfCode.ALLOW)
                .load(0)
                .equal(41, 0, 8)
                .load(ARGUMENT)
                .and(0xffff_fffe)
                .equal(0, 0, 1)
                .end(BpfCode.ALLOW)
                .load(ARGUMENT + 4)
                .equal(0, 0, 2)
                .load(ARGUMENT)
                .equal(family, 1, 0)
                .end(BpfCode.ERRNO)
                .load(0)
                .equal(41, 0, 1)
                .end(BpfCode.ALLOW)
                .end(BpfCode.ERRNO);
    }

    @Test
    void whatItLetsThroughBeyondTheProfileIsNamed() throws IOException {
        assertThat(excess(straight(0x7e02_0000, 38))).contains("41", "socket");
        assertThat(excess(straight(0x6e02_0000, 10))).contains("56", "clone");
        assertThat(excess(new BpfCode().end(BpfCode.ALLOW)))
                .contains("call 0 (restart_syscall) of x86");
        assertThat(
                        excess(
                                new BpfCode()
                                        .load(4)
                                        .equal(BpfCode.X86_64, 1, 0)
                                        .end(BpfCode.ALLOW)
                                        .end(0)))
                .contains("x86");
        // One value of one argument opens one call.
        assertThat(
                        excess(
                                new BpfCode()
                                        .load(0)
                                        .equal(165, 0, 3)
                                        .load(ARGUMENT + 32)
                                        .equal(0x1234_5678, 0, 1)
                                        .end(BpfCode.ALLOW)
                                        .end(0)))
                .contains("165", "mount");
        assertThat(excess(new BpfCode().load(0).equal(5000, 0, 1).end(BpfCode.ALLOW).end(0)))
                .contains("above");
        // Actions that only tell somebody let the call through.
        for (int action : new int[] {0x7ffc_0000, 0x7ff0_0001, 0x7fc0_0000}) {
            assertThat(excess(new BpfCode().end(action))).isNotEmpty();
        }
        assertThat(excess(new BpfCode().end(0x8000_0000))).isEmpty();
        assertThat(excess(new BpfCode().end(0))).isEmpty();
    }

    @Test
    void aProfileThatRefusesSomeCallsIsHeldToo() throws IOException {
        var profile =
                json(
                        """
                        {"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"],
                         "syscalls":[{"names":["chmod"],"action":"SCMP_ACT_ERRNO"}]}
                        """);
        assertThat(SeccompProof.excess(profile, new BpfCode().end(BpfCode.ALLOW).program()))
                .contains("chmod");
    }

    @Test
    void upperBitsOfX32ArgumentsOpenNothing() throws IOException {
        var profile =
                json(
                        PROFILE.replace(
                                "\"SCMP_ARCH_X86_64\"", "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X32\""));
        var open =
                new BpfCode()
                        .load(0)
                        .equal(41 | 0x4000_0000, 0, 3)
                        .load(ARGUMENT + 4)
                        .equal(0, 1, 0)
                        .end(BpfCode.ALLOW)
                        .end(BpfCode.ERRNO);
        assertThat(SeccompProof.excess(profile, open.program())).contains("(socket) of x32");
        var low =
                new BpfCode()
                        .load(4)
                        .equal(BpfCode.X86_64, 0, 6)
                        .load(0)
                        .equal(41 | 0x4000_0000, 0, 4)
                        .load(ARGUMENT)
                        .and(0xffff_fffe)
                        .equal(0, 0, 1)
                        .end(BpfCode.ALLOW)
                        .end(BpfCode.ERRNO);
        assertThat(SeccompProof.excess(profile, low.program())).isEmpty();
    }

    @Test
    void randomProgramsAreJudgedOrRefusedInBoundedTime() throws IOException {
        var random = new Random(7);
        for (int round = 0; round < 60; round++) {
            var bytes = new byte[8 * (1 + random.nextInt(40))];
            random.nextBytes(bytes);
            var program = FilterProgram.of(ByteString.copyFrom(bytes));
            assertThat(SeccompProof.excess(json(PROFILE), program)).isNotNull();
        }
        for (int size : new int[] {0, 7, 4097 * 8}) {
            assertThatThrownBy(() -> FilterProgram.of(ByteString.copyFrom(new byte[size])))
                    .isInstanceOf(MalformedImage.class);
        }
    }

    private static String excess(BpfCode code) throws IOException {
        return SeccompProof.excess(json(PROFILE), code.program());
    }

    static JsonNode json(String text) throws IOException {
        return new JsonMapper().readTree(text);
    }
}
