package io.berth.sandbox.criu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoredRightsTest {
    @TempDir Path folder;

    private static String rights(String noNewPrivileges, String cgroup) throws IOException {
        var config =
                """
                {"process": {"user": {"uid": 1000, "gid": 7, "additionalGids": [8]},
                  "noNewPrivileges": %s,
                  "capabilities": {"bounding": ["CAP_CHOWN", "CAP_KILL"], "permitted": ["CAP_KILL"]}},
                 "linux": {"cgroupsPath": "%s", "seccomp": {},
                  "namespaces": [{"type": "pid"}, {"type": "mount"},
                    {"type": "network", "path": "/run/netns/x"}]}}
                """
                        .formatted(noNewPrivileges, cgroup);
        return new String(RestoredRights.of(config.getBytes(UTF_8)), UTF_8);
    }

    @Test
    void aProcessMayHaveWhatItsRequestGives() throws IOException {
        assertThat(rights("true", "/kubepods/pod/c"))
                .isEqualTo(
                        """
                        CapAmb:20
                        CapBnd:21
                        CapEff:20
                        CapInh:20
                        CapPrm:20
                        Cgroup:c
                        Gid: 7\s
                        Groups: 7 8\s
                        NoNewPrivs:1
                        Seccomp:1
                        Uid: 1000\s
                        ns-cgroup:host
                        ns-ipc:host
                        ns-mnt:new
                        ns-net:/run/netns/x
                        ns-pid:new
                        ns-time:any
                        ns-user:host
                        ns-uts:host
                        """);
    }

    @Test
    void aSetuidProgramMayGiveTheBoundingSetAndAnyUser() throws IOException {
        assertThat(rights("false", "kubepods.slice:cri:c"))
                .contains("CapEff:21\n", "Uid:any\n", "Gid:any\n", "Groups:any\n")
                .contains("NoNewPrivs:0\n", "Cgroup:cri-c.scope\n");
    }

    @Test
    void processesThatNobodyCheckedAreNoSuccess() throws IOException {
        assertThat(RestoredRights.refusal(folder)).isEmpty();
        assertThatThrownBy(() -> RestoredRights.requireHeld("c", folder))
                .isInstanceOf(SandboxException.Failed.class)
                .hasMessageContaining("were not checked before they ran");
        Files.writeString(folder.resolve("verdict"), "refused thread 7: CapEff\n");
        assertThat(RestoredRights.refusal(folder)).endsWith("refused thread 7: CapEff");
        assertThatThrownBy(() -> RestoredRights.requireHeld("c", folder))
                .hasMessageContaining("thread 7");
        Files.writeString(folder.resolve("verdict"), "held 3\n");
        RestoredRights.requireHeld("c", folder);
        assertThat(RestoredRights.refusal(folder)).isEmpty();
    }
}
