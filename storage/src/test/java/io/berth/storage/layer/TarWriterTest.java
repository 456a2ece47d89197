package io.berth.storage.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.LinuxCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is what our own reader, and tar(1), make of it. */
class TarWriterTest {
    @TempDir Path folder;

    private List<String> listed(byte[] tar) throws Exception {
        var file = Files.write(folder.resolve("x.tar"), tar);
        var process =
                new ProcessBuilder("tar", "--numeric-owner", "-tvf", file.toString())
                        .redirectErrorStream(true)
                        .start();
        var text = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        return text.lines().toList();
    }

    @Test
    void namesOfEveryLengthAndKindComeBack() throws Exception {
        var bytes = new ByteArrayOutputStream();
        var names = new ArrayList<String>();
        try (var tar = new TarWriter(bytes)) {
            for (int length = 1; length < 300; length += 7) {
                names.add("n".repeat(length));
            }
            names.add("gr\u00fc\u00dfe");
            for (var name : names) {
                tar.put(
                        TarWriter.Member.file(name, 3, 1),
                        new ByteArrayInputStream("abc".getBytes(UTF_8)));
            }
        }
        assertThat(bytes.size() % 512).isZero();
        var lines = listed(bytes.toByteArray());
        assertThat(lines).hasSameSizeAs(names);
        for (int i = 0; i < names.size() - 1; i++) {
            assertThat(lines.get(i)).endsWith(" " + names.get(i)).startsWith("-rw------- 0/0");
        }
    }

    @Test
    void ownersBeyondTheFieldAndLinksComeBack() throws Exception {
        var bytes = new ByteArrayOutputStream();
        var target = "t/".repeat(90) + "x";
        try (var tar = new TarWriter(bytes)) {
            tar.put(
                    new TarWriter.Member(
                            "link", '2', 0777, 4_000_000_000L, 7, 0, 1, target, 0, 0, Map.of()));
            tar.put(TarWriter.Member.directory("d/", 1));
        }
        assertThat(listed(bytes.toByteArray()))
                .satisfiesExactly(
                        link -> assertThat(link).contains("4000000000/7").endsWith(target),
                        directory -> assertThat(directory).startsWith("drwx------"));
    }

    @Test
    void contentThatIsShorterThanItWasIsAnError() throws IOException {
        try (var tar = new TarWriter(new ByteArrayOutputStream())) {
            assertThatThrownBy(
                            () ->
                                    tar.put(
                                            TarWriter.Member.file("f", 9, 1),
                                            new ByteArrayInputStream(new byte[4])))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("f: found 5 bytes fewer than the 9");
        }
    }

    @Test
    void aFolderBecomesMembersByName() throws Exception {
        var tree = Files.createDirectories(folder.resolve("tree/b/c"));
        Files.writeString(tree.resolve("file"), "text");
        Files.createLink(tree.resolve("file2"), tree.resolve("file"));
        Files.createSymbolicLink(folder.resolve("tree/a"), Path.of("b/c"));
        var bytes = new ByteArrayOutputStream();
        new DirectoryTar(new LinuxCalls()).write(folder.resolve("tree"), bytes);
        assertThat(listed(bytes.toByteArray()))
                .satisfiesExactly(
                        a -> assertThat(a).endsWith(" a -> b/c"),
                        b -> assertThat(b).endsWith(" b/"),
                        c -> assertThat(c).endsWith(" b/c/"),
                        file -> assertThat(file).contains(" 4 ").endsWith(" b/c/file"),
                        second -> assertThat(second).endsWith(" b/c/file2 link to b/c/file"));
    }
}
