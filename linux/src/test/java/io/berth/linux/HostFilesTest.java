package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.berth.linux.step.StepAction;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFilesTest {
    private final Linux linux = new LinuxCalls();
    private final HostFiles files = new HostFiles(linux);
    @TempDir Path root;

    private static void step(StepAction body) throws IOException {
        Steps.run("test.files", "test", body);
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void everyEffectNeedsAStep() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> files.write(root.resolve("a"), new byte[0], 0600));
        assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> files.deleteTree(root));
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void directoriesGetTheModeAndThoseThereKeepTheirs() throws IOException {
        Files.createDirectory(
                root.resolve("a"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
        step(() -> files.createDirectories(root.resolve("a/b/c"), 0777));
        step(() -> files.createDirectories(root.resolve("a/b/c"), 0700));
        assertThat(mode(root.resolve("a"))).isEqualTo("rwxr-x---");
        assertThat(mode(root.resolve("a/b"))).isEqualTo("rwxrwxrwx");
        assertThat(mode(root.resolve("a/b/c"))).isEqualTo("rwxrwxrwx");
    }

    @Test
    void directoryInPlaceOfAFileIsRefused() throws IOException {
        Files.createFile(root.resolve("file"));
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(
                        () -> step(() -> files.createDirectories(root.resolve("file/a"), 0755)));
    }

    @Test
    void writeReplacesWholeWithModeAndLeavesNoTemporary() throws IOException {
        Path file = root.resolve("config.json");
        step(() -> files.write(file, "old and longer".getBytes(UTF_8), 0644));
        step(() -> files.write(file, "new".getBytes(UTF_8), 0640));
        assertThat(file).hasContent("new");
        assertThat(mode(file)).isEqualTo("rw-r-----");
        assertThat(root.toFile().list()).containsExactly("config.json");
    }

    /** A power cut cannot be had here: that its calls are made, in their order, has to do. */
    @Test
    void onlyWhatOutlivesTheBootIsSynced() throws IOException {
        var told = new ArrayList<String>();
        var watched = new HostFiles(watched(told));
        step(() -> watched.write(root.resolve("kept"), "kept".getBytes(UTF_8), 0600));
        assertThat(told).containsExactly("fsync", "renameat2", "fsync");
        told.clear();
        step(() -> watched.writeForThisBoot(root.resolve("a"), "old".getBytes(UTF_8), 0600));
        step(() -> watched.writeForThisBoot(root.resolve("a"), "new".getBytes(UTF_8), 0640));
        assertThat(told).containsExactly("renameat2", "renameat2");
        assertThat(root.resolve("a")).hasContent("new");
        assertThat(mode(root.resolve("a"))).isEqualTo("rw-r-----");
        assertThat(root.toFile().list()).containsExactlyInAnyOrder("kept", "a");
    }

    /** The kernel, with the names of what makes files lasting or visible written down. */
    private Linux watched(List<String> told) {
        InvocationHandler handler =
                (_, method, arguments) -> {
                    if (Set.of("fsync", "renameat2").contains(method.getName())) {
                        told.add(method.getName());
                    }
                    return method.invoke(linux, arguments);
                };
        return (Linux)
                Proxy.newProxyInstance(
                        Linux.class.getClassLoader(), new Class<?>[] {Linux.class}, handler);
    }

    @Test
    void failedWriteLeavesTheOldAndNoTemporary() throws IOException {
        Path directory = Files.createDirectories(root.resolve("taken/below"));
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> step(() -> files.write(root.resolve("taken"), new byte[1], 0600)))
                .matches(refused -> refused.errno() == Errno.EISDIR);
        assertThat(root.toFile().list()).containsExactly("taken");
        assertThat(directory).isDirectory();
    }

    @Test
    void treeIsDeletedWithoutFollowingSymlinks() throws IOException {
        Path outside = Files.createDirectory(root.resolve("outside"));
        Files.writeString(outside.resolve("kept"), "kept");
        Path tree = Files.createDirectories(root.resolve("tree/a/b"));
        Files.createSymbolicLink(tree.resolve("link"), outside);
        Files.createSymbolicLink(root.resolve("tree/up"), Path.of(".."));
        Files.writeString(tree.resolve("file"), "gone");
        step(() -> files.deleteTree(root.resolve("tree")));
        step(() -> files.deleteTree(root.resolve("tree")));
        assertThat(outside.resolve("kept")).hasContent("kept");
        assertThat(root.toFile().list()).containsExactly("outside");
    }

    @Test
    void symlinkAndFileAreDeletedThemselves() throws IOException {
        Path outside = Files.createDirectory(root.resolve("outside"));
        Files.createSymbolicLink(root.resolve("link"), outside);
        Files.createFile(root.resolve("file"));
        step(() -> files.deleteTree(root.resolve("link")));
        step(() -> files.deleteTree(root.resolve("file")));
        step(() -> files.deleteTree(root.resolve("file/below/nothing")));
        assertThat(root.toFile().list()).containsExactly("outside");
    }

    /** Deeper than any path may be long, with a name that is no text. */
    @Test
    void deepTreeWithOddNamesIsDeleted() throws IOException {
        String odd = FileNames.decode(new byte[] {(byte) 0xfe, 'x'});
        step(
                () -> {
                    linux.mkdirat(LinuxFd.AT_FDCWD, root.resolve("deep").toString(), 0755);
                    var at =
                            linux.open(root.resolve("deep"), Flags.O_RDONLY | Flags.O_DIRECTORY, 0);
                    for (int depth = 0; depth < 700; depth++) {
                        linux.symlinkat("nowhere", at, odd);
                        linux.mkdirat(at, "directory-level", 0755);
                        var below = linux.openat(at, "directory-level", Flags.O_RDONLY, 0);
                        at.close();
                        at = below;
                    }
                    at.close();
                    files.deleteTree(root.resolve("deep"));
                });
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void fifoAndSymlinkAreMadeOnceAndMismatchIsRefused() throws IOException {
        step(
                () -> {
                    files.mkfifo(root.resolve("fifo"), 0622);
                    files.mkfifo(root.resolve("fifo"), 0600);
                    files.symlink("target", root.resolve("link"));
                    files.symlink("target", root.resolve("link"));
                });
        assertThat(linux.lstat(root.resolve("fifo")).permissions()).isEqualTo(0622);
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> step(() -> files.symlink("other", root.resolve("link"))));
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> step(() -> files.mkfifo(root.resolve("link"), 0600)));
    }

    @Test
    void deleteSaysWhetherThereWasOne() throws IOException {
        Files.createDirectory(root.resolve("d"));
        Files.createSymbolicLink(root.resolve("l"), Path.of("d"));
        step(
                () -> {
                    assertThat(files.deleteIfExists(root.resolve("l"))).isTrue();
                    assertThat(files.deleteIfExists(root.resolve("l"))).isFalse();
                    assertThat(files.deleteIfExists(root.resolve("d"))).isTrue();
                });
        assertThat(root).isEmptyDirectory();
    }
}
