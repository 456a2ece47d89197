package io.berth.shimclient.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Errno;
import io.berth.linux.LinuxCalls;
import io.berth.linux.LinuxException;
import io.berth.linux.MountFlag;
import io.berth.linux.MountInfo;
import io.berth.linux.Namespaces;
import io.berth.linux.UmountFlag;
import io.berth.linux.UserNamespaces;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** User namespaces, begun by the program and pinned by the daemon's side. */
class UsernsTest {
    private static final String PROGRAM = WriterFixture.PROGRAM.path().toString();
    private static final UserNamespaces.Maps MAPS =
            new UserNamespaces.Maps("0 100000 65536\n", "0 200000 65536\n");

    private final LinuxCalls linux = new LinuxCalls();
    private final Namespaces namespaces = new Namespaces(linux);
    private final UserNamespaces userNamespaces =
            new UserNamespaces(linux, WriterFixture.PROGRAM.path());

    @TempDir Path folder;

    private static boolean isHolder(ProcessHandle child) {
        var info = child.info();
        return info.command().orElse("").equals(PROGRAM)
                && List.of(info.arguments().orElse(new String[0])).contains("userns");
    }

    @Test
    @Tag("root")
    void namespacesArePinnedAndTheProcessIsGone() throws IOException {
        var pin = folder.resolve("user");
        var netns = folder.resolve("net");
        Steps.run("test", "", () -> userNamespaces.create(pin, Optional.of(netns), MAPS));
        assertThat(namespaces.isPinned(pin)).isTrue();
        assertThat(namespaces.isPinned(netns)).isTrue();
        assertThat(ProcessHandle.current().children()).noneMatch(UsernsTest::isHolder);
        // Its files belong to the root of the user namespace that owns it.
        var file = Path.of("/proc/thread-self/net/dev");
        assertThat(namespaces.callInNetns(netns, () -> linux.lstat(file).uid())).isEqualTo(100_000);
        assertThatThrownBy(
                        () ->
                                Steps.run(
                                        "test",
                                        "",
                                        () -> userNamespaces.create(pin, Optional.empty(), MAPS)))
                .isInstanceOfSatisfying(
                        LinuxException.class,
                        taken -> assertThat(taken.errno()).isEqualTo(Errno.EEXIST));
        Steps.run(
                "test",
                "",
                () -> {
                    namespaces.removeNetns(netns);
                    namespaces.removeNetns(pin);
                });
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    @Tag("root")
    void aMountShowsOwnersAsANamespaceMapsThem() throws IOException {
        var plain = Files.createDirectory(folder.resolve("plain"));
        var mapped = Files.createDirectory(folder.resolve("mapped"));
        Steps.run(
                "test",
                "",
                () -> {
                    linux.mount("berth", plain, "tmpfs", Set.of(MountFlag.NO_DEV), "size=1m");
                    Files.writeString(plain.resolve("file"), "");
                    userNamespaces.use(
                            MAPS,
                            userns -> {
                                try (var tree = linux.openTreeClone(plain, false)) {
                                    linux.mountIdmap(tree, userns);
                                    linux.moveMount(tree, mapped);
                                }
                            });
                });
        try {
            assertThat(linux.lstat(mapped.resolve("file")).uid()).isEqualTo(100_000);
            assertThat(linux.lstat(mapped.resolve("file")).gid()).isEqualTo(200_000);
            assertThat(linux.lstat(plain.resolve("file")).uid()).isZero();
        } finally {
            for (var mount : MountInfo.below(folder.toRealPath()).reversed()) {
                Steps.run(
                        "test",
                        "",
                        () -> linux.umount(mount.mountPoint(), Set.of(UmountFlag.DETACH)));
            }
        }
    }

    @Test
    @Tag("root")
    void mapsThatTheKernelRefusesLeaveNothing() {
        var overlapping = new UserNamespaces.Maps("0 1 5\n2 9 5\n", "0 1 5\n");
        var pin = folder.resolve("user");
        assertThatThrownBy(
                        () ->
                                Steps.run(
                                        "test",
                                        "",
                                        () ->
                                                userNamespaces.create(
                                                        pin, Optional.empty(), overlapping)))
                .isInstanceOf(IOException.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aProgramThatCannotIsQuoted() {
        var broken = new UserNamespaces(linux, Path.of("/bin/false"));
        assertThatThrownBy(() -> Steps.run("test", "", () -> broken.use(MAPS, _ -> {})))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("/bin/false userns: found its end within PT20S");
    }

    @Test
    void theProcessGoesWithTheDaemonAndTakesNoOrdersItDoesNotKnow() throws Exception {
        var argument = new ProcessBuilder(PROGRAM, "userns", "now").start();
        assertThat(argument.errorReader().readLine())
                .isEqualTo("berth-native: userns: now: wanted no argument");
        assertThat(argument.waitFor()).isEqualTo(2);
    }

    @Test
    @Tag("root")
    void itsEndOfInputIsItsEnd() throws Exception {
        var left = new ProcessBuilder(PROGRAM, "userns").start();
        assertThat(left.getInputStream().read()).isEqualTo('u');
        left.getOutputStream().close();
        assertThat(left.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(left.exitValue()).isZero();
        var confused = new ProcessBuilder(PROGRAM, "userns").start();
        assertThat(confused.getInputStream().read()).isEqualTo('u');
        confused.getOutputStream().write('x');
        confused.getOutputStream().flush();
        assertThat(confused.errorReader().readLine())
                .isEqualTo("berth-native: userns: found byte 120, wanted n or the end");
        assertThat(confused.waitFor()).isEqualTo(2);
    }
}
