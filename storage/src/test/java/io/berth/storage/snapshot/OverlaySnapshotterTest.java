package io.berth.storage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxFd;
import io.berth.linux.step.Steps;
import io.berth.storage.layer.LayerApplied;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
class OverlaySnapshotterTest extends SnapshotterContract {
    @Override
    Snapshotter open(Path root, Linux linux, Clock clock, Metadata metadata) {
        return OverlaySnapshotter.open(root, linux, clock, metadata);
    }

    private void draft(
            String name, Optional<SnapshotName> parent, List<String> implied, Change change)
            throws IOException {
        LayerDraft draft = snapshotter.draft(name, parent);
        change.in(draft.directory());
        snapshotter.commitDraft(draft, name(name), new LayerApplied(0, 0, implied, List.of()));
    }

    private void opaque(Path directory) throws IOException {
        Steps.run(
                "test.xattr",
                directory.toString(),
                () -> linux.lsetxattr(directory, "trusted.overlay.opaque", new byte[] {'y'}, 0));
    }

    @Test
    void layersMayBeUnpackedBeforeTheirParents() throws IOException {
        LayerDraft upper = snapshotter.draft("upper", on("lower"));
        Files.writeString(upper.directory().resolve("u"), "u");
        assertThatThrownBy(
                        () -> snapshotter.commitDraft(upper, name("upper"), LayerApplied.NOTHING))
                .isInstanceOf(SnapshotException.ParentMissing.class);
        draft("lower", Optional.empty(), List.of(), d -> Files.writeString(d.resolve("l"), "l"));
        snapshotter.commitDraft(upper, name("upper"), LayerApplied.NOTHING);
        change(
                snapshotter.view(key("v"), on("upper")),
                mounted -> {
                    assertThat(mounted.resolve("u")).exists();
                    assertThat(mounted.resolve("l")).exists();
                });
    }

    @Test
    void impliedDirectoriesTakeTheAttributesOfTheNearestParent() throws IOException {
        draft(
                "one",
                Optional.empty(),
                List.of(),
                d -> {
                    Path deep = Files.createDirectories(d.resolve("a/b"));
                    Steps.run("test.mode", "b", () -> linux.fchmodat(fd(), deep.toString(), 01777));
                    Steps.run("test.owner", "b", () -> linux.fchownat(fd(), deep.toString(), 7, 8));
                    Files.setLastModifiedTime(deep, FileTime.from(Instant.ofEpochSecond(99)));
                });
        draft("two", on("one"), List.of(), d -> Files.writeString(d.resolve("other"), "o"));
        draft(
                "three",
                on("two"),
                List.of("a", "a/b", "fresh"),
                d -> {
                    Files.createDirectories(d.resolve("a/b"));
                    Files.writeString(d.resolve("a/b/f"), "f");
                    Files.createDirectory(d.resolve("fresh"));
                });
        change(
                snapshotter.view(key("v"), on("three")),
                mounted -> {
                    var stat = linux.lstat(mounted.resolve("a/b"));
                    assertThat(stat.permissions()).isEqualTo(01777);
                    assertThat(stat.uid()).isEqualTo(7);
                    assertThat(stat.gid()).isEqualTo(8);
                    assertThat(stat.modified()).isEqualTo(Instant.ofEpochSecond(99));
                });
    }

    private static LinuxFd fd() {
        return LinuxFd.AT_FDCWD;
    }

    @Test
    void impliedDirectoryTakesNothingFromBehindAWhiteout() throws IOException {
        draft(
                "one",
                Optional.empty(),
                List.of(),
                d -> {
                    Path a = Files.createDirectory(d.resolve("a"));
                    Steps.run("test.mode", "a", () -> linux.fchmodat(fd(), a.toString(), 0700));
                });
        draft(
                "two",
                on("one"),
                List.of(),
                d ->
                        Steps.run(
                                "test.whiteout",
                                "a",
                                () ->
                                        linux.mknodat(
                                                fd(),
                                                d.resolve("a").toString(),
                                                Flags.S_IFCHR,
                                                0)));
        draft("three", on("two"), List.of("a"), d -> Files.createDirectory(d.resolve("a")));
        change(
                snapshotter.view(key("v"), on("three")),
                mounted ->
                        assertThat(linux.lstat(mounted.resolve("a")).permissions())
                                .isEqualTo(0755));
    }

    @Test
    void layerWithAnOpaqueRootHidesAllBelow() throws IOException {
        draft("one", Optional.empty(), List.of(), d -> Files.writeString(d.resolve("old"), "o"));
        draft(
                "two",
                on("one"),
                List.of(),
                d -> {
                    Files.writeString(d.resolve("new"), "n");
                    opaque(d);
                });
        draft("three", on("two"), List.of(), d -> Files.writeString(d.resolve("top"), "t"));
        change(
                snapshotter.prepare(key("k"), on("three")),
                mounted -> {
                    assertThat(mounted.resolve("old")).doesNotExist();
                    assertThat(mounted.resolve("new")).exists();
                    assertThat(mounted.resolve("top")).exists();
                });
    }

    @Test
    void chainOf130LayersMounts() throws IOException {
        Optional<SnapshotName> top = Optional.empty();
        for (int i = 1; i <= 130; i++) {
            int layer = i;
            draft(
                    "layer-" + i,
                    top,
                    List.of(),
                    d -> Files.writeString(d.resolve("f" + layer), "" + layer));
            top = on("layer-" + i);
        }
        change(
                snapshotter.prepare(key("k"), top),
                mounted -> {
                    for (int i = 1; i <= 130; i++) {
                        assertThat(mounted.resolve("f" + i)).hasContent("" + i);
                    }
                });
    }
}
