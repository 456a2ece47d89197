package io.berth.storage.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import io.berth.linux.step.Steps;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
class NativeSnapshotterTest extends SnapshotterContract {
    @Override
    Snapshotter open(Path root, Linux linux, Clock clock, Metadata metadata) {
        return NativeSnapshotter.open(root, linux, clock, metadata);
    }

    @Test
    void copiesKeepEverything() throws IOException {
        change(
                snapshotter.prepare(key("k"), Optional.empty()),
                mounted -> Steps.run("test.fill", "k", () -> fill(mounted)));
        snapshotter.commit(name("n"), key("k"));
        change(snapshotter.prepare(key("copy"), on("n")), this::check);
    }

    private void fill(Path tree) throws IOException {
        Path f = Files.writeString(tree.resolve("f"), "content");
        Files.createLink(tree.resolve("g"), f);
        at(tree, "f", path -> linux.fchownat(LinuxFd.AT_FDCWD, path, 5, 6));
        at(tree, "f", path -> linux.fchmodat(LinuxFd.AT_FDCWD, path, 04711));
        linux.lsetxattr(f, "user.note", "n".getBytes(UTF_8), 0);
        Files.createDirectory(tree.resolve("d"));
        at(tree, "d\udcff", path -> linux.mkdirat(LinuxFd.AT_FDCWD, path, 0700));
        at(tree, "s", path -> linux.symlinkat("to/nothing", LinuxFd.AT_FDCWD, path));
        at(tree, "null", path -> linux.mknodat(LinuxFd.AT_FDCWD, path, Flags.S_IFCHR, 0x103));
        at(tree, "p", path -> linux.mknodat(LinuxFd.AT_FDCWD, path, Flags.S_IFIFO | 0640, 0));
        try (var sparse = new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
            sparse.seek(8 << 20);
            sparse.write(7);
            sparse.setLength(16 << 20);
        }
        for (String name : new String[] {"f", "d", "s"}) {
            Instant time = Instant.ofEpochSecond(1234567890, 987654321);
            at(tree, name, path -> linux.utimensat(LinuxFd.AT_FDCWD, path, time, time));
        }
    }

    private interface Call {
        void on(String path) throws IOException;
    }

    private static void at(Path tree, String name, Call call) throws IOException {
        call.on(tree + "/" + name);
    }

    private void check(Path tree) throws IOException {
        Stat f = linux.lstat(tree.resolve("f"));
        assertThat(tree.resolve("f")).hasContent("content");
        assertThat(f.id()).isEqualTo(linux.lstat(tree.resolve("g")).id());
        assertThat(f.uid()).isEqualTo(5);
        assertThat(f.gid()).isEqualTo(6);
        assertThat(f.permissions()).isEqualTo(04711);
        assertThat(linux.lgetxattr(tree.resolve("f"), "user.note")).hasValue("n".getBytes(UTF_8));
        for (String name : new String[] {"f", "d", "s"}) {
            assertThat(linux.lstat(tree.resolve(name)).modified())
                    .isEqualTo(Instant.ofEpochSecond(1234567890, 987654321));
        }
        assertThat(Files.readSymbolicLink(tree.resolve("s")).toString()).isEqualTo("to/nothing");
        assertThat(linux.lstat(tree.resolve("null")).deviceMinor()).isEqualTo(3);
        assertThat(linux.lstat(tree.resolve("p")).type()).isEqualTo(Flags.S_IFIFO);
        assertThat(linux.fstatat(LinuxFd.AT_FDCWD, tree + "/d\udcff").permissions())
                .isEqualTo(0700);
        Stat sparse = linux.lstat(tree.resolve("sparse"));
        assertThat(sparse.sizeBytes()).isEqualTo(16 << 20);
        assertThat(sparse.blocks() * 512).isLessThan(1 << 20);
    }

    @Test
    void draftsNeedTheirParentAtOnce() {
        assertThatThrownBy(() -> snapshotter.draft("d", on("absent")))
                .isInstanceOf(SnapshotException.ParentMissing.class);
    }
}
