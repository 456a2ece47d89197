package io.berth.linux;

import static io.berth.linux.LinuxFd.AT_FDCWD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.berth.linux.step.StepAction;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link Linux} does to mounts and privileged files; each test starts on a tmpfs. */
@ExtendWith(NothingLeft.class)
abstract class LinuxContract {
    private static final Set<UmountFlag> DETACH = Set.of(UmountFlag.DETACH, UmountFlag.NOFOLLOW);

    @TempDir(factory = PrefixedDirectory.class)
    Path temporary;

    private Linux linux = new LinuxCalls();
    private Path root = Path.of("unset");

    /** A kernel, whose own files, if it has any, go into {@code folder}. */
    abstract Linux linux(Path folder) throws IOException;

    private static void step(StepAction body) throws IOException {
        Steps.run("test.kernel", "test", body);
    }

    @BeforeEach
    void mountRoot() throws IOException {
        linux = linux(temporary.resolve("kernel"));
        root = Files.createDirectory(temporary.resolve("root"));
        step(() -> linux.mount("berth", root, "tmpfs", Set.of(), "size=16m,mode=755"));
    }

    @AfterEach
    void unmountRoot() throws IOException {
        for (MountEntry left : linux.mountsBelow(root).reversed()) {
            step(() -> linux.umount(left.mountPoint(), DETACH));
        }
        assertThat(root).isEmptyDirectory();
    }

    private Path directory(String name) throws IOException {
        return Files.createDirectories(root.resolve(name));
    }

    @Test
    void tmpfsIsMountedAndUnmounted() throws IOException {
        var mounts = linux.mountsBelow(root);
        assertThat(mounts).hasSize(1);
        assertThat(mounts.getFirst().type()).isEqualTo("tmpfs");
        assertThat(linux.statfs(root).type()).isEqualTo(Flags.TMPFS_MAGIC);
        assertThat(linux.lstat(root).mountRoot()).isTrue();
        step(() -> linux.umount(root, Set.of(UmountFlag.NOFOLLOW)));
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> step(() -> linux.umount(root, Set.of())))
                .withMessage(root + ": umount2: EINVAL, invalid argument");
    }

    /** So many layers that neither one value of fsconfig(2) nor one of mount(2) would do. */
    @Test
    void overlayOfManyLayersIsReadDetachedAndAttached() throws IOException {
        var overlays = new OverlayMounts(linux);
        var layers = new ArrayList<Path>();
        for (int i = 0; i < 150; i++) {
            layers.add(directory("layer-" + "x".repeat(40) + i));
            Files.writeString(layers.getLast().resolve("file-" + i), "content");
        }
        step(
                () -> {
                    for (int count : new int[] {5, 20, 150}) {
                        var some = layers.subList(0, count);
                        assertThat(OverlayMounts.needsOneByOne(some)).isTrue();
                        try (var root = overlays.detached(some)) {
                            assertThat(linux.fstatat(root, "file-" + (count - 1)).mode())
                                    .isNotZero();
                        }
                        Path target = directory("merged-" + count);
                        overlays.attach(some, target);
                        assertThat(target.toFile().list()).hasSize(count);
                        assertThat(target).isNotEmptyDirectory();
                        assertThatExceptionOfType(LinuxException.class)
                                .isThrownBy(() -> linux.mkdirat(AT_FDCWD, target + "/new", 0755))
                                .matches(refused -> refused.errno() == Errno.EROFS);
                    }
                });
        assertThat(linux.mountsBelow(root)).hasSize(4);
    }

    @Test
    void unknownFileSystemIsNamed() throws IOException {
        Path target = directory("target");
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> step(() -> linux.mount("x", target, "nofs", Set.of(), "")))
                .withMessageContaining("mount: ENODEV");
    }

    @Test
    void overlayShowsLowerAndWhiteoutHides() throws IOException {
        Path lower = directory("lower");
        Path upper = directory("upper");
        Path merged = directory("merged");
        Files.writeString(lower.resolve("kept"), "lower");
        Files.writeString(lower.resolve("hidden"), "lower");
        Files.writeString(Files.createDirectory(lower.resolve("dir")).resolve("old"), "lower");
        Files.writeString(Files.createDirectory(upper.resolve("dir")).resolve("new"), "upper");
        String options =
                "lowerdir=%s,upperdir=%s,workdir=%s".formatted(lower, upper, directory("work"));
        step(
                () -> {
                    linux.mknodat(AT_FDCWD, upper.resolve("hidden").toString(), Flags.S_IFCHR, 0);
                    linux.lsetxattr(
                            upper.resolve("dir"), "trusted.overlay.opaque", new byte[] {'y'}, 0);
                    linux.mount("overlay", merged, "overlay", Set.of(), options);
                });
        assertThat(linux.lstat(upper.resolve("hidden")).isWhiteout()).isTrue();
        assertThat(merged.resolve("kept")).hasContent("lower");
        assertThat(merged.resolve("hidden")).doesNotExist();
        assertThat(merged.resolve("dir").toFile().list()).containsExactly("new");
        assertThat(linux.statfs(merged).type()).isEqualTo(Flags.OVERLAYFS_SUPER_MAGIC);
        step(() -> linux.umount(merged, Set.of(UmountFlag.NOFOLLOW)));
    }

    @Test
    void overlayIsMountedThroughTheNewCalls() throws IOException {
        Path lower = directory("lower");
        Path merged = directory("merged");
        Files.writeString(lower.resolve("file"), "lower");
        try (var context = linux.fsopen("overlay")) {
            step(
                    () -> {
                        linux.fsconfigString(context, "lowerdir", lower + ":" + directory("low2"));
                        linux.fsconfigFlag(context, "ro");
                        linux.fsconfigCreate(context);
                        try (var mount = linux.fsmount(context, Flags.MOUNT_ATTR_NODEV)) {
                            linux.moveMount(mount, merged);
                        }
                    });
        }
        assertThat(merged.resolve("file")).hasContent("lower");
        assertThat(linux.mountsBelow(merged).getFirst().options()).contains("nodev");
        step(() -> linux.umount(merged, DETACH));
    }

    @Test
    void detachedCopyOfATreeIsMadeReadOnlyBeforeItIsSeen() throws IOException {
        Path from = directory("from");
        Path to = directory("to");
        Files.writeString(from.resolve("file"), "x");
        step(
                () -> {
                    try (var tree = linux.openTreeClone(from, true)) {
                        linux.mountSetattr(tree, Flags.MOUNT_ATTR_RDONLY, 0, true);
                        linux.moveMount(tree, to);
                    }
                    assertThatExceptionOfType(LinuxException.class)
                            .isThrownBy(() -> linux.mkdirat(AT_FDCWD, to + "/a", 0755))
                            .matches(refused -> refused.errno() == Errno.EROFS);
                    linux.umount(to, DETACH);
                });
        assertThat(from.resolve("file")).hasContent("x");
    }

    @Test
    void openat2DoesNotCrossAMountWhenToldSo() throws IOException {
        Path inner = directory("inner");
        step(() -> linux.mount("inner", inner, "tmpfs", Set.of(), ""));
        try (var dir = linux.open(root, Flags.O_PATH | Flags.O_DIRECTORY, 0)) {
            assertThatExceptionOfType(LinuxException.class)
                    .isThrownBy(
                            () ->
                                    linux.openat2(
                                            dir, "inner", Flags.O_PATH, 0, Flags.RESOLVE_NO_XDEV))
                    .matches(refused -> refused.errno() == Errno.EXDEV);
        }
    }

    @Test
    void treeWithAMountInItKeepsWhatIsMounted() throws IOException {
        Path inner = directory("tree/inner");
        Path bound = directory("bound");
        Files.writeString(bound.resolve("precious"), "kept");
        step(() -> linux.mount(bound.toString(), inner, "", Set.of(MountFlag.BIND), ""));
        var files = new HostFiles(linux);
        for (Path path : List.of(root.resolve("tree"), inner)) {
            assertThatExceptionOfType(LinuxException.class)
                    .isThrownBy(() -> step(() -> files.deleteTree(path)))
                    .matches(refused -> refused.errno() == Errno.EXDEV)
                    .withMessageContaining("inner");
        }
        assertThat(bound.resolve("precious")).hasContent("kept");
        step(() -> linux.umount(inner, DETACH));
        step(() -> files.deleteTree(root.resolve("tree")));
        assertThat(root.resolve("tree")).doesNotExist();
    }

    @Test
    void attributesAreSetListedAndRemoved() throws IOException {
        Path file = Files.createFile(root.resolve("file"));
        Path link = Files.createSymbolicLink(root.resolve("link"), Path.of("file"));
        step(
                () -> {
                    linux.lsetxattr(link, "trusted.on-link", new byte[] {1}, 0);
                    linux.lsetxattr(file, "trusted.empty", new byte[0], Flags.XATTR_CREATE);
                    try (var open = linux.open(file, Flags.O_RDONLY, 0);
                            var dir = linux.open(root, Flags.O_PATH, 0)) {
                        linux.fsetxattr(open, "trusted.fd", new byte[] {2, 0}, 0);
                        linux.lsetxattrat(dir, "file", "trusted.at", new byte[] {3});
                        assertThat(linux.flistxattr(open))
                                .containsExactlyInAnyOrder(
                                        "trusted.empty", "trusted.fd", "trusted.at");
                        assertThat(linux.fgetxattr(open, "trusted.at")).contains(new byte[] {3});
                    }
                    assertThat(linux.llistxattr(link)).containsExactly("trusted.on-link");
                    assertThat(linux.lgetxattr(file, "trusted.fd")).contains(new byte[] {2, 0});
                    assertThat(linux.lgetxattr(file, "trusted.empty")).contains(new byte[0]);
                    linux.lremovexattr(file, "trusted.fd");
                    linux.lremovexattr(file, "trusted.fd");
                    assertThat(linux.lgetxattr(file, "trusted.fd")).isEmpty();
                });
    }

    @Test
    void ownersAndDevicesAreSetWithoutFollowing() throws IOException {
        Files.createFile(root.resolve("file"));
        step(
                () -> {
                    linux.symlinkat("file", AT_FDCWD, root.resolve("link").toString());
                    linux.fchownat(AT_FDCWD, root.resolve("link").toString(), 1234, 4321);
                    linux.mknodat(
                            AT_FDCWD,
                            root.resolve("null").toString(),
                            Flags.S_IFCHR | 0666,
                            Flags.device(1, 3));
                });
        assertThat(linux.lstat(root.resolve("link")).uid()).isEqualTo(1234);
        assertThat(linux.lstat(root.resolve("link")).gid()).isEqualTo(4321);
        assertThat(linux.lstat(root.resolve("file")).uid()).isZero();
        var device = linux.lstat(root.resolve("null"));
        assertThat(device.deviceMajor()).isEqualTo(1);
        assertThat(device.deviceMinor()).isEqualTo(3);
        assertThat(device.isWhiteout()).isFalse();
    }

    @Test
    void fileSystemIsSynced() throws IOException {
        try (var dir = linux.open(root, Flags.O_RDONLY | Flags.O_DIRECTORY, 0)) {
            linux.fsync(dir);
            linux.syncfs(dir);
        }
    }
}
