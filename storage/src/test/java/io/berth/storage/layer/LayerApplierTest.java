package io.berth.storage.layer;

import static io.berth.storage.layer.TarBytes.directory;
import static io.berth.storage.layer.TarBytes.file;
import static io.berth.storage.layer.TarBytes.hardLink;
import static io.berth.storage.layer.TarBytes.symlink;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers applied by the kernel. */
@Tag("root")
class LayerApplierTest {
    private final Linux linux = new LinuxCalls();
    @TempDir Path temporary;
    private Path layer;

    @BeforeEach
    void makeLayer() throws IOException {
        layer = Files.createDirectory(temporary.resolve("layer"));
    }

    private LayerApplied apply(WhiteoutStyle style, TarBytes tar) throws IOException {
        return new LayerApplier(linux)
                .apply(new ByteArrayInputStream(tar.end()), layer, style, LayerLimits.DEFAULT);
    }

    private LayerApplied overlay(TarBytes tar) throws IOException {
        return apply(WhiteoutStyle.OVERLAY, tar);
    }

    private Stat stat(String path) throws IOException {
        return linux.lstat(layer.resolve(path));
    }

    private String text(String path) throws IOException {
        return Files.readString(layer.resolve(path));
    }

    private boolean there(String path) {
        return Files.exists(layer.resolve(path), LinkOption.NOFOLLOW_LINKS);
    }

    private boolean opaque(String path) throws IOException {
        return linux.lgetxattr(layer.resolve(path), "trusted.overlay.opaque").isPresent();
    }

    @Test
    void filesHaveContentOwnerModeAndTimeToTheNanosecond() throws IOException {
        overlay(
                new TarBytes()
                        .add(directory("bin/").owner(3, 4).modified(1_600_000_000))
                        .add(
                                file("bin/su")
                                        .mode(04755)
                                        .owner(1_000_000_000L, 7)
                                        .pax("mtime", "1700000001.123456789"),
                                "tool".getBytes(UTF_8)));
        Stat su = stat("bin/su");
        assertThat(text("bin/su")).isEqualTo("tool");
        assertThat(su.permissions()).isEqualTo(04755);
        assertThat(su.uid()).isEqualTo(1_000_000_000);
        assertThat(su.gid()).isEqualTo(7);
        assertThat(su.modified()).isEqualTo(Instant.ofEpochSecond(1_700_000_001, 123_456_789));
        assertThat(stat("bin").uid()).isEqualTo(3);
        assertThat(stat("bin").modified()).isEqualTo(Instant.ofEpochSecond(1_600_000_000));
    }

    @Test
    void idsAboveThirtyOneBitsAreKept() throws IOException {
        overlay(new TarBytes().add(file("f").owner(4_294_967_294L, 3_000_000_000L)));
        assertThat(Integer.toUnsignedLong(stat("f").uid())).isEqualTo(4_294_967_294L);
        assertThat(Integer.toUnsignedLong(stat("f").gid())).isEqualTo(3_000_000_000L);
    }

    @Test
    void impliedDirectoriesAreNamedUnlessTheirEntryFollows() throws IOException {
        LayerApplied applied =
                overlay(
                        new TarBytes()
                                .add("a/b/c", "x")
                                .add("d/e", "y")
                                .add(directory("d").mode(0700)));
        assertThat(applied.impliedDirectories()).containsExactly("a", "a/b");
        assertThat(stat("a/b").permissions()).isEqualTo(0755);
        assertThat(stat("a/b").modified()).isEqualTo(Instant.EPOCH);
        assertThat(stat("d").permissions()).isEqualTo(0700);
        assertThat(applied.entries()).isEqualTo(3);
        assertThat(applied.bytes()).isEqualTo(2);
    }

    @Test
    void linksDevicesAndFifosAreMade() throws IOException {
        overlay(
                new TarBytes()
                        .add("f", "shared")
                        .add(hardLink("g", "f"))
                        .add(symlink("s", "../../etc/passwd"))
                        .add(new TarBytes.Header("null", '3').device(1, 3).mode(0666))
                        .add(new TarBytes.Header("loop", '4').device(7, 300))
                        .add(new TarBytes.Header("pipe", '6').mode(0600)));
        assertThat(stat("g").id()).isEqualTo(stat("f").id());
        assertThat(linux.readlinkat(LinuxFd.AT_FDCWD, layer.resolve("s").toString()))
                .isEqualTo("../../etc/passwd");
        assertThat(stat("null").type()).isEqualTo(Flags.S_IFCHR);
        assertThat(stat("null").deviceMajor()).isEqualTo(1);
        assertThat(stat("null").permissions()).isEqualTo(0666);
        assertThat(stat("loop").deviceMinor()).isEqualTo(300);
        assertThat(stat("pipe").type()).isEqualTo(Flags.S_IFIFO);
    }

    @Test
    void extendedAttributesKeepEveryByte() throws IOException {
        byte[] capability = {1, 0, 0, 2, (byte) 0x80, (byte) 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        capability = Arrays.copyOf(capability, 20);
        overlay(
                new TarBytes()
                        .add(
                                file("ping")
                                        .mode(0755)
                                        .owner(5, 5)
                                        .pax("SCHILY.xattr.security.capability", capability)
                                        .pax("SCHILY.xattr.user.note", "héllo"))
                        .add(directory("d").pax("SCHILY.xattr.user.kind", "dir")));
        assertThat(linux.lgetxattr(layer.resolve("ping"), "security.capability"))
                .hasValue(capability);
        assertThat(linux.lgetxattr(layer.resolve("ping"), "user.note"))
                .hasValue("héllo".getBytes(UTF_8));
        assertThat(linux.lgetxattr(layer.resolve("d"), "user.kind"))
                .hasValue("dir".getBytes(UTF_8));
    }

    @Test
    void laterEntryReplacesEarlierOfAnyKind() throws IOException {
        overlay(
                new TarBytes()
                        .add("x", "file")
                        .add(directory("y"))
                        .add("y/f", "inside")
                        .add("y", "a file now"));
        assertThat(text("y")).isEqualTo("a file now");
    }

    @Test
    void directoryOverFileIsOpaqueSinceTheFileHadHiddenWhatIsBelow() throws IOException {
        overlay(new TarBytes().add("x", "file").add(directory("x")).add("x/f", "inside"));
        assertThat(text("x/f")).isEqualTo("inside");
        assertThat(opaque("x")).isTrue();
    }

    @Test
    void directoryOverDirectoryKeepsItsContent() throws IOException {
        overlay(
                new TarBytes()
                        .add(directory("d").mode(0700))
                        .add("d/f", "stays")
                        .add(directory("d").mode(0711)));
        assertThat(text("d/f")).isEqualTo("stays");
        assertThat(stat("d").permissions()).isEqualTo(0711);
        assertThat(opaque("d")).isFalse();
    }

    @Test
    void whiteoutsBecomeDevicesAndOpaqueMarks() throws IOException {
        LayerApplied applied =
                overlay(
                        new TarBytes()
                                .add("etc/.wh.passwd", "")
                                .add(directory("var"))
                                .add("var/.wh..wh..opq", "")
                                .add("var/kept", "k")
                                .add(".wh..wh.plnk/12.34", "aufs's own"));
        assertThat(stat("etc/passwd").isWhiteout()).isTrue();
        assertThat(opaque("var")).isTrue();
        assertThat(text("var/kept")).isEqualTo("k");
        assertThat(there("var/.wh..wh..opq")).isFalse();
        assertThat(there(".wh..wh.plnk")).isFalse();
        assertThat(applied.impliedDirectories()).containsExactly("etc");
    }

    @Test
    void whiteoutHidesOnlyTheParentsWhereverItStandsInTheTar() throws IOException {
        overlay(
                new TarBytes()
                        .add("f", "new")
                        .add(".wh.f", "")
                        .add(directory("d"))
                        .add("d/new", "n")
                        .add(".wh.d", "")
                        .add(".wh.e", "")
                        .add(directory("e"))
                        .add("e/new", "n"));
        assertThat(text("f")).isEqualTo("new");
        assertThat(text("d/new")).isEqualTo("n");
        assertThat(opaque("d")).isTrue();
        assertThat(text("e/new")).isEqualTo("n");
        assertThat(opaque("e")).isTrue();
    }

    @Test
    void deletingStyleRemovesWhatTheParentsHad() throws IOException {
        Files.createDirectories(layer.resolve("old/deep/deeper"));
        Files.writeString(layer.resolve("old/f"), "old");
        Files.createDirectories(layer.resolve("mixed/sub"));
        Files.writeString(layer.resolve("mixed/old"), "old");
        Files.writeString(layer.resolve("mixed/sub/old"), "old");
        Files.createDirectory(layer.resolve("untouched"));
        Files.setLastModifiedTime(
                layer.resolve("untouched"), FileTime.from(Instant.ofEpochSecond(77)));
        apply(
                WhiteoutStyle.DELETE,
                new TarBytes()
                        .add(".wh.old", "")
                        .add(".wh.absent", "")
                        .add("nowhere/.wh.absent", "")
                        .add("mixed/new", "n")
                        .add("mixed/sub/new", "n")
                        .add("mixed/.wh..wh..opq", "")
                        .add("mixed/later", "l")
                        .add("untouched/f", "f"));
        assertThat(there("old")).isFalse();
        assertThat(there("nowhere")).isFalse();
        assertThat(there("mixed/old")).isFalse();
        assertThat(text("mixed/new")).isEqualTo("n");
        assertThat(text("mixed/later")).isEqualTo("l");
        assertThat(stat("untouched").modified()).isEqualTo(Instant.ofEpochSecond(77));
    }

    @Test
    void entryBelowSymlinkLandsWhereItLeadsInsideTheLayer() throws IOException {
        overlay(
                new TarBytes()
                        .add(directory("usr/lib"))
                        .add(symlink("lib", "usr/lib"))
                        .add("lib/f", "in usr")
                        .add(symlink("abs", "/opt/made"))
                        .add("abs/g", "dangling")
                        .add(symlink("up", "../../../../up-there"))
                        .add("up/h", "clamped"));
        assertThat(text("usr/lib/f")).isEqualTo("in usr");
        assertThat(text("opt/made/g")).isEqualTo("dangling");
        assertThat(text("up-there/h")).isEqualTo("clamped");
        assertThat(stat("lib").isSymlink()).isTrue();
        assertThat(temporary.resolve("up-there")).doesNotExist();
    }

    @Test
    void handlesOfReplacedDirectoriesAreForgotten() throws IOException {
        overlay(
                new TarBytes()
                        .add("d/sub/a", "a")
                        .add(symlink("link", "d"))
                        .add("link/sub/b", "b")
                        .add(directory("other/sub"))
                        .add(symlink("link", "other"))
                        .add("link/sub/c", "c")
                        .add("d", "a file")
                        .add(directory("d"))
                        .add("d/sub/z", "z"));
        assertThat(text("other/sub/c")).isEqualTo("c");
        assertThat(text("d/sub/z")).isEqualTo("z");
        assertThat(there("d/sub/a")).isFalse();
        assertThat(there("other/sub/b")).isFalse();
    }

    @Test
    void namesThatAreNoTextAreKeptAsBytes() throws IOException {
        overlay(
                new TarBytes()
                        .add("d\u00ff/plain", "latin-1")
                        .add("d\u00ff", "replaced by a file"));
        try (var directory = linux.open(layer, Flags.O_RDONLY | Flags.O_DIRECTORY, 0)) {
            assertThat(linux.getdents(directory))
                    .extracting(entry -> entry.name())
                    .containsExactly("d\udcff");
        }
    }

    @Test
    void absoluteNamesCanBeTakenFromTheLayersRoot() throws IOException {
        var defaults = LayerLimits.DEFAULT;
        var limits =
                new LayerLimits(
                        defaults.maxBytes(),
                        defaults.maxRatio(),
                        defaults.ratioFreeBytes(),
                        defaults.maxEntries(),
                        defaults.maxPathBytes(),
                        defaults.maxDepth(),
                        defaults.maxHeaderBytes(),
                        LayerLimits.AbsoluteNames.FROM_LAYER_ROOT);
        byte[] tar = new TarBytes().add("/app/tool", "t").end();
        new LayerApplier(linux)
                .apply(new ByteArrayInputStream(tar), layer, WhiteoutStyle.OVERLAY, limits);
        assertThat(text("app/tool")).isEqualTo("t");
    }
}
