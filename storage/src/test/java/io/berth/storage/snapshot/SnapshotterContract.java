package io.berth.storage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.MountInfo;
import io.berth.linux.Stat;
import io.berth.storage.layer.LayerApplied;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every snapshotter does, with real mounts and the real metadata store. */
@Tag("root")
abstract class SnapshotterContract {
    final Linux linux = new LinuxCalls();
    @TempDir Path temporary;
    private Metadata metadata;
    Snapshotter snapshotter;
    Path root;
    private Mounter mounter;

    abstract Snapshotter open(Path root, Linux linux, Clock clock, Metadata metadata);

    @BeforeEach
    void open() throws IOException {
        root = temporary.resolve("snapshots");
        mounter = new Mounter(linux, Files.createDirectory(temporary.resolve("mounts")));
        metadata = Metadata.open(temporary.resolve("meta"));
        snapshotter = open(root, linux, Clock.systemUTC(), metadata);
    }

    @AfterEach
    void everythingCanBeRemovedAndNothingIsLeft() throws IOException {
        mounter.close();
        boolean removed = true;
        while (removed) {
            removed = false;
            for (SnapshotInfo info : snapshotter.list()) {
                try {
                    snapshotter.remove(info.id());
                    removed = true;
                } catch (SnapshotException.InUse later) {
                    assertThat(later).hasMessageContaining("parent of");
                }
            }
        }
        assertThat(snapshotter.list()).isEmpty();
        assertThat(MountInfo.read())
                .noneMatch(mount -> mount.toString().contains(temporary.toString()));
        assertThat(directories()).isEmpty();
        metadata.close();
    }

    List<String> directories() throws IOException {
        try (var entries = Files.list(root)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    void reopen() {
        metadata.close();
        metadata = Metadata.open(temporary.resolve("meta"));
        snapshotter = open(root, linux, Clock.systemUTC(), metadata);
    }

    static SnapshotKey key(String value) {
        return new SnapshotKey(value);
    }

    static SnapshotName name(String value) {
        return new SnapshotName(value);
    }

    static Optional<SnapshotName> on(String value) {
        return Optional.of(name(value));
    }

    /** Mounts and changes a snapshot. */
    void change(List<MountSpec> mounts, Change change) throws IOException {
        Path mounted = mounter.mount(mounts);
        change.in(mounted);
        mounter.umount(mounted);
    }

    interface Change {
        void in(Path mounted) throws IOException;
    }

    private void layer(String name, Optional<SnapshotName> parent, Change change)
            throws IOException {
        change(snapshotter.prepare(key("making-" + name), parent), change);
        snapshotter.commit(name(name), key("making-" + name));
    }

    private void base() throws IOException {
        layer(
                "base",
                Optional.empty(),
                mounted -> {
                    Files.createDirectories(mounted.resolve("etc/conf"));
                    Files.writeString(mounted.resolve("etc/conf/a"), "a1");
                    Files.writeString(mounted.resolve("gone"), "g");
                });
    }

    @Test
    void rootOfAnEmptySnapshotIsOpenToAll() throws IOException {
        change(
                snapshotter.prepare(key("k"), Optional.empty()),
                mounted -> {
                    Stat stat = linux.lstat(mounted);
                    assertThat(stat.permissions()).isEqualTo(0755);
                    assertThat(stat.uid()).isZero();
                    try (var entries = Files.list(mounted)) {
                        assertThat(entries).isEmpty();
                    }
                });
    }

    @Test
    void changesAreSeenByChildrenAndNotByParents() throws IOException {
        base();
        layer(
                "second",
                on("base"),
                mounted -> {
                    Files.writeString(mounted.resolve("etc/conf/a"), "a2");
                    Files.writeString(mounted.resolve("new"), "n");
                    Files.delete(mounted.resolve("gone"));
                });
        change(
                snapshotter.prepare(key("third"), on("second")),
                mounted -> {
                    assertThat(Files.readString(mounted.resolve("etc/conf/a"))).isEqualTo("a2");
                    assertThat(mounted.resolve("new")).exists();
                    assertThat(mounted.resolve("gone")).doesNotExist();
                });
        change(
                snapshotter.view(key("look"), on("base")),
                mounted -> {
                    assertThat(Files.readString(mounted.resolve("etc/conf/a"))).isEqualTo("a1");
                    assertThat(mounted.resolve("gone")).exists();
                    assertThat(mounted.resolve("new")).doesNotExist();
                });
    }

    @Test
    void deletedDirectoryThatIsMadeAnewIsEmpty() throws IOException {
        base();
        layer(
                "second",
                on("base"),
                mounted -> {
                    Files.delete(mounted.resolve("etc/conf/a"));
                    Files.delete(mounted.resolve("etc/conf"));
                    Files.createDirectory(mounted.resolve("etc/conf"));
                });
        change(
                snapshotter.view(key("look"), on("second")),
                mounted -> assertThat(mounted.resolve("etc/conf")).isEmptyDirectory());
    }

    @Test
    void viewsAreReadOnly() throws IOException {
        base();
        layer("second", on("base"), mounted -> Files.writeString(mounted.resolve("n"), "n"));
        for (String parent : List.of("base", "second")) {
            change(
                    snapshotter.view(key("look-" + parent), on(parent)),
                    mounted ->
                            assertThatThrownBy(() -> Files.writeString(mounted.resolve("w"), "w"))
                                    .isInstanceOf(IOException.class));
        }
        assertThatThrownBy(() -> snapshotter.commit(name("x"), key("look-base")))
                .isInstanceOf(SnapshotException.WrongKind.class);
    }

    @Test
    void mountsAreTheSameAfterAReopen() throws IOException {
        base();
        List<MountSpec> active = snapshotter.prepare(key("k"), on("base"));
        List<MountSpec> view = snapshotter.view(key("v"), on("base"));
        change(active, mounted -> Files.writeString(mounted.resolve("mine"), "kept"));
        reopen();
        assertThat(snapshotter.mounts(key("k"))).isEqualTo(active);
        assertThat(snapshotter.mounts(key("v"))).isEqualTo(view);
        change(
                snapshotter.mounts(key("k")),
                mounted -> assertThat(mounted.resolve("mine")).hasContent("kept"));
    }

    @Test
    void statAndListTellKindAndParent() throws IOException {
        base();
        snapshotter.prepare(key("k"), on("base"));
        snapshotter.view(key("v"), on("base"));
        assertThat(snapshotter.stat("base").orElseThrow().kind()).isEqualTo(SnapshotKind.COMMITTED);
        assertThat(snapshotter.stat("base").orElseThrow().parent()).isEmpty();
        assertThat(snapshotter.stat("k").orElseThrow().parent()).isEqualTo(on("base"));
        assertThat(snapshotter.stat("v").orElseThrow().kind()).isEqualTo(SnapshotKind.VIEW);
        assertThat(snapshotter.stat("absent")).isEmpty();
        assertThat(snapshotter.list())
                .extracting(SnapshotInfo::id)
                .containsExactlyInAnyOrder("base", "k", "v");
    }

    @Test
    void keysAndNamesAreOneSpace() throws IOException {
        base();
        snapshotter.prepare(key("k"), Optional.empty());
        assertThatThrownBy(() -> snapshotter.prepare(key("k"), Optional.empty()))
                .isInstanceOf(SnapshotException.AlreadyExists.class);
        assertThatThrownBy(() -> snapshotter.view(key("base"), on("base")))
                .isInstanceOf(SnapshotException.AlreadyExists.class);
        assertThatThrownBy(() -> snapshotter.commit(name("base"), key("k")))
                .isInstanceOf(SnapshotException.AlreadyExists.class);
        assertThat(snapshotter.stat("k")).isPresent();
    }

    @Test
    void parentsMustBeCommitted() {
        snapshotter.prepare(key("active"), Optional.empty());
        assertThatThrownBy(() -> snapshotter.prepare(key("k"), on("absent")))
                .isInstanceOf(SnapshotException.ParentMissing.class);
        assertThatThrownBy(() -> snapshotter.prepare(key("k"), on("active")))
                .isInstanceOf(SnapshotException.ParentMissing.class)
                .hasMessageContaining("ACTIVE");
        assertThat(snapshotter.stat("k")).isEmpty();
    }

    @Test
    void parentsCannotBeRemovedBeforeTheirChildren() throws IOException {
        base();
        snapshotter.prepare(key("k"), on("base"));
        assertThatThrownBy(() -> snapshotter.remove("base"))
                .isInstanceOf(SnapshotException.InUse.class)
                .hasMessageContaining("k");
        snapshotter.remove("k");
        snapshotter.remove("k");
        snapshotter.remove("base");
        assertThat(directories()).isEmpty();
    }

    @Test
    void unknownKeysAreNotFound() {
        assertThatThrownBy(() -> snapshotter.mounts(key("absent")))
                .isInstanceOf(SnapshotException.NotFound.class);
        assertThatThrownBy(() -> snapshotter.commit(name("n"), key("absent")))
                .isInstanceOf(SnapshotException.NotFound.class);
        assertThatThrownBy(() -> snapshotter.usage("absent"))
                .isInstanceOf(SnapshotException.NotFound.class);
        snapshotter.remove("absent");
    }

    @Test
    void usageCountsLinksOnceAndIsFixedAtCommit() throws IOException {
        change(
                snapshotter.prepare(key("k"), Optional.empty()),
                mounted -> {
                    Files.write(mounted.resolve("f"), new byte[1 << 20]);
                    Files.createLink(mounted.resolve("g"), mounted.resolve("f"));
                });
        Usage active = snapshotter.usage("k");
        assertThat(active.inodes()).isEqualTo(2);
        snapshotter.commit(name("n"), key("k"));
        Usage committed = snapshotter.usage("n");
        assertThat(committed.bytes()).isBetween(1L << 20, (1L << 20) + 64 * 1024);
        assertThat(committed.inodes()).isEqualTo(2);
    }

    @Test
    void directoriesThatNoRecordNamesAreSwept() throws IOException {
        base();
        snapshotter.draft("unfinished", Optional.empty());
        Files.createDirectories(root.resolve("4711/fs/half"));
        Files.createDirectories(root.resolve("gone-3/fs"));
        reopen();
        assertThat(directories()).hasSize(1);
        assertThat(snapshotter.list()).extracting(SnapshotInfo::id).containsExactly("base");
    }

    @Test
    void recordWhoseDirectoryIsGoneIsDropped() throws IOException {
        snapshotter.prepare(key("k"), Optional.empty());
        for (String directory : directories()) {
            Files.delete(root.resolve(directory).resolve("fs"));
            if (Files.exists(root.resolve(directory).resolve("work"))) {
                Files.delete(root.resolve(directory).resolve("work"));
            }
            Files.delete(root.resolve(directory));
        }
        reopen();
        assertThat(snapshotter.list()).isEmpty();
        snapshotter.prepare(key("k"), Optional.empty());
    }

    @Test
    void draftsAreHiddenUntilTheyAreCommitted() throws IOException {
        base();
        LayerDraft draft = snapshotter.draft("one", on("base"));
        Files.writeString(draft.directory().resolve("drafted"), "d");
        assertThat(snapshotter.list()).extracting(SnapshotInfo::id).containsExactly("base");
        assertThatThrownBy(() -> snapshotter.draft("one", on("base")))
                .isInstanceOf(SnapshotException.AlreadyExists.class);
        snapshotter.commitDraft(draft, name("top"), LayerApplied.NOTHING);
        assertThat(snapshotter.stat("top").orElseThrow().parent()).isEqualTo(on("base"));
        change(
                snapshotter.view(key("look"), on("top")),
                mounted -> {
                    assertThat(mounted.resolve("drafted")).hasContent("d");
                    assertThat(mounted.resolve("etc/conf/a")).hasContent("a1");
                });
    }

    @Test
    void draftOfANameThatIsThereIsDiscarded() throws IOException {
        base();
        LayerDraft draft = snapshotter.draft("again", Optional.empty());
        snapshotter.commitDraft(draft, name("base"), LayerApplied.NOTHING);
        assertThat(directories()).hasSize(1);
        LayerDraft other = snapshotter.draft("again", Optional.empty());
        snapshotter.discard(other);
        snapshotter.discard(other);
        assertThat(directories()).hasSize(1);
    }

    @Test
    void removalTakesWhateverAContainerHasMade() throws IOException {
        base();
        change(
                snapshotter.prepare(key("k"), on("base")),
                mounted -> {
                    Path deep = mounted;
                    for (int i = 0; i < 30; i++) {
                        deep = Files.createDirectory(deep.resolve("deep"));
                    }
                    Files.createSymbolicLink(deep.resolve("out"), temporary);
                    Files.setLastModifiedTime(mounted.resolve("etc"), FileTime.from(Instant.EPOCH));
                });
        snapshotter.remove("k");
        assertThat(Files.exists(temporary, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(directories()).hasSize(1);
    }
}
