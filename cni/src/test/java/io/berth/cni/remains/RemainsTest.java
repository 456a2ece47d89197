package io.berth.cni.remains;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.LinuxCalls;
import io.berth.linux.Processes;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemainsTest {
    @TempDir Path folder;
    private Path leases;
    private Remains remains;

    @BeforeEach
    void configure() throws IOException {
        var conf = Files.createDirectories(folder.resolve("net.d"));
        Files.writeString(
                conf.resolve("10-ours.conflist"),
                """
                {"cniVersion": "1.0.0", "name": "ours", "plugins": [{"type": "bridge",
                 "ipam": {"type": "host-local", "dataDir": "%s"}}]}
                """
                        .formatted(folder.resolve("ipam")));
        leases = Files.createDirectories(folder.resolve("ipam/ours"));
        Files.createFile(leases.resolve("lock"));
        Files.writeString(leases.resolve("last_reserved_ip.0"), "10.0.0.9");
        remains =
                new Remains(
                        List.of(conf), folder.resolve("lib"), List.of(table()), new LinuxCalls());
    }

    /** Shows what the file {@code rules} holds of a chain, and writes down what it is to change. */
    private NatTable table() throws IOException {
        var script = folder.resolve("iptables");
        Files.writeString(
                script,
                """
                #!/bin/sh
                cd %s
                shift 4
                case $1 in
                -S) [ -e rules ] && grep -e "^-A $2 " rules || exit 1 ;;
                *) for word; do printf '%%s|' "$word"; done >>changes; echo >>changes ;;
                esac
                """
                        .formatted(folder));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new NatTable("iptables", List.of(script.toString()), new Processes());
    }

    private static String newId() {
        return "%064x".formatted(ThreadLocalRandom.current().nextLong());
    }

    private Path lease(String ip, String id) throws IOException {
        return Files.writeString(leases.resolve(ip), id + "\r\neth0");
    }

    private List<Remain> unowned(Remain.Kind kind, String... owned) throws IOException {
        return Steps.run("test", "remains", () -> remains.unowned(kind, List.of(owned)::contains));
    }

    @Test
    void anAddressOfAPodThatNobodyOwnsIsNamedAndGivenBack() throws IOException {
        var gone = newId();
        var lives = newId();
        var file = lease("10.0.0.2", gone);
        var kept = lease("10.0.0.3", lives);
        var found = unowned(Remain.Kind.ADDRESS, lives);
        assertThat(found)
                .containsExactly(new Remain(Remain.Kind.ADDRESS, file.toString(), gone, "ours"));
        Steps.run("test", "remove", () -> remains.remove(found.getFirst()));
        assertThat(file).doesNotExist();
        assertThat(kept).exists();
    }

    @Test
    void anAddressThatWasGivenToAnotherPodMeanwhileStays() throws IOException {
        var file = lease("10.0.0.2", newId());
        var found = unowned(Remain.Kind.ADDRESS);
        lease("10.0.0.2", newId());
        Steps.run("test", "remove", () -> remains.remove(found.getFirst()));
        assertThat(file).exists();
    }

    @Test
    void anAddressOfAnotherRuntimesPodIsNotNamed() throws IOException {
        var attached = newId();
        lease("10.0.0.2", attached);
        lease("10.0.0.3", "a-name-that-berth-never-gives");
        var results = Files.createDirectories(folder.resolve("lib/results"));
        Files.createFile(results.resolve("ours-" + attached + "-eth0"));
        assertThat(unowned(Remain.Kind.ADDRESS)).isEmpty();
    }

    @Test
    void anAddressOfAPodThatRunsIsNotNamed() throws IOException {
        var running = newId();
        lease("10.0.0.2", running);
        var process = new ProcessBuilder("sh", "-c", "read line", running).start();
        try {
            assertThat(unowned(Remain.Kind.ADDRESS)).isEmpty();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void anAddressOfANetworkThatIsNotConfiguredIsNotNamed() throws IOException {
        var foreign = Files.createDirectories(folder.resolve("ipam/theirs"));
        Files.writeString(foreign.resolve("10.0.0.2"), newId());
        assertThat(unowned(Remain.Kind.ADDRESS)).isEmpty();
    }

    @Test
    void rulesOfAPodThatNobodyOwnsAreNamedByTheirChain() throws IOException {
        var gone = newId();
        var lives = newId();
        Files.writeString(
                folder.resolve("rules"),
                """
                -A POSTROUTING -s 10.0.0.2/32 -m comment --comment "name: \\"ours\\" id: \\"%1$s\\"" -j CNI-0123456789abcdef01234567
                -A POSTROUTING -s 10.0.0.3/32 -m comment --comment "name: \\"ours\\" id: \\"%2$s\\"" -j CNI-1123456789abcdef01234567
                -A POSTROUTING -s 10.0.0.4/32 -m comment --comment "name: \\"theirs\\" id: \\"%1$s\\"" -j CNI-2123456789abcdef01234567
                -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
                -A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"ours\\" id: \\"%1$s\\"" -m multiport --dports 80,81 -j CNI-DN-0123456789abcdef01234
                -A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"ours\\" id: \\"%1$s\\"" -j CNI-HOSTPORT-MASQ
                """
                        .formatted(gone, lives));
        var found = unowned(Remain.Kind.RULES, lives);
        assertThat(found)
                .extracting(Remain::key)
                .containsExactlyInAnyOrder(
                        "iptables CNI-0123456789abcdef01234567",
                        "iptables CNI-DN-0123456789abcdef01234");
        Steps.run("test", "remove", () -> remains.remove(found.get(1)));
        assertThat(Files.readAllLines(folder.resolve("changes")))
                .containsExactly(
                        "-F|CNI-DN-0123456789abcdef01234|",
                        "-D|CNI-HOSTPORT-DNAT|-p|tcp|-m|comment|--comment|dnat name: \"ours\" id: \"%s\"|-m|multiport|--dports|80,81|-j|CNI-DN-0123456789abcdef01234|"
                                .formatted(gone),
                        "-X|CNI-DN-0123456789abcdef01234|");
    }

    @Test
    void aTableWithoutSuchChainsHasNoRules() throws IOException {
        assertThat(unowned(Remain.Kind.RULES)).isEmpty();
    }
}
