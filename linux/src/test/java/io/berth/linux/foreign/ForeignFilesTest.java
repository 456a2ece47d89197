package io.berth.linux.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.foreign.ForeignFiles.Links;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ForeignFilesTest {
    private static final int FOLDER = Flags.O_PATH | Flags.O_DIRECTORY;
    private static final int NO_DRIVER = 4095;

    private final Linux linux = new LinuxCalls();
    private final ForeignFiles files = new ForeignFiles(linux);
    private Path tree = Path.of("unset");
    private LinuxFd root = LinuxFd.AT_FDCWD;
    @TempDir Path temporary;

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectory(temporary.resolve("tree"));
        Files.createDirectory(tree.resolve("etc"));
        root = linux.open(tree, FOLDER, 0);
        Files.writeString(temporary.resolve("outside"), "outside");
    }

    @AfterEach
    void closeTree() {
        root.close();
    }

    private void link(String name, String target) throws IOException {
        var _ = Files.createSymbolicLink(tree.resolve(name), Path.of(target));
    }

    private String read(String path) throws IOException {
        return files.read(root, path, 100).map(bytes -> new String(bytes, UTF_8)).orElse("absent");
    }

    private void assertRefused(String path, String found) {
        assertThatExceptionOfType(ForeignFileRefused.class)
                .isThrownBy(() -> files.read(root, path, 100))
                .satisfies(refused -> assertThat(refused.found()).isEqualTo(found))
                .withMessageStartingWith(path + ": found " + found + ", wanted ");
        assertThatExceptionOfType(ForeignFileRefused.class)
                .isThrownBy(() -> files.read(tree.resolve(path), 100));
    }

    @Test
    void regularFileIsReadUpToTheLimitAndNoFurther() throws IOException {
        Files.writeString(tree.resolve("etc/passwd"), "x".repeat(100));
        assertThat(read("etc/passwd")).hasSize(100);
        assertThat(files.read(tree.resolve("etc/passwd"), 100)).hasSize(100);
        Files.writeString(tree.resolve("etc/passwd"), "x".repeat(101));
        assertRefused("etc/passwd", "101 bytes");
    }

    @Test
    void fileThatSaysNoSizeIsReadToItsEnd() throws IOException {
        var status = Path.of("/proc/self/status");
        assertThat(new String(files.read(status, 1 << 20), UTF_8)).contains("\nThreads:");
        assertThatExceptionOfType(ForeignFileRefused.class)
                .isThrownBy(() -> files.read(status, 100))
                .withMessageContaining("more than 100 bytes");
    }

    @Test
    void absentFilesAreNone() throws IOException {
        Files.writeString(tree.resolve("etc/file"), "");
        link("nowhere", "etc/none");
        assertThat(read("etc/passwd")).isEqualTo("absent");
        assertThat(read("etc/file/passwd")).isEqualTo("absent");
        assertThat(read("nowhere")).isEqualTo("absent");
        assertThat(read("etc/file")).isEmpty();
    }

    @Test
    void linksAreFollowedInsideTheRoot() throws IOException {
        Files.writeString(tree.resolve("outside"), "inside");
        link("absolute", "/outside");
        link("etc/up", "../../../../outside");
        assertThat(read("absolute")).isEqualTo("inside");
        assertThat(read("etc/up")).isEqualTo("inside");
        assertThat(read("../../outside")).isEqualTo("inside");
    }

    @Test
    void linksInACircleAreAnError() throws IOException {
        link("etc/passwd", "/etc/passwd");
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> read("etc/passwd"))
                .satisfies(failure -> assertThat(failure.errno()).isEqualTo(Errno.ELOOP));
    }

    @Test
    void whereNoLinkIsFollowedNoneIs() throws IOException {
        Files.writeString(tree.resolve("file"), "text");
        link("link", "file");
        try (var file = files.open(root, "file", Links.REFUSED, 100).orElseThrow()) {
            assertThat(linux.fstat(file).sizeBytes()).isEqualTo(4);
        }
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> files.open(root, "link", Links.REFUSED, 100))
                .satisfies(failure -> assertThat(failure.errno()).isEqualTo(Errno.ELOOP));
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> files.open(root, "../outside", Links.REFUSED, 100))
                .satisfies(failure -> assertThat(failure.errno()).isEqualTo(Errno.EXDEV));
    }

    @Test
    void fifosDirectoriesAndSocketsAreRefusedAtOnce() throws IOException {
        Steps.run("test.fifo", "test", () -> linux.mkfifo(tree.resolve("fifo"), 0600));
        assertRefused("fifo", "a FIFO");
        assertRefused("etc", "a directory");
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(tree.resolve("socket")));
            assertRefused("socket", "a socket");
        }
    }

    /** Had it been opened, the kernel would have said ENXIO: no driver has this number. */
    @Test
    @Tag("root")
    void deviceNodesAreRefusedWithoutBeingOpened() throws IOException {
        for (int type : Arrays.asList(Flags.S_IFCHR, Flags.S_IFBLK)) {
            var name = "device" + type;
            Steps.run(
                    "test.node",
                    "test",
                    () -> linux.mknodat(root, name, type | 0666, Flags.device(NO_DRIVER, 7)));
            assertRefused(name, type == Flags.S_IFCHR ? "a character device" : "a block device");
        }
    }
}
