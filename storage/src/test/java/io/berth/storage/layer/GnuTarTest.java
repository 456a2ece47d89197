package io.berth.storage.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.Stat;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What GNU tar writes, in each of its formats, comes out as GNU tar read it. */
@Tag("root")
class GnuTarTest {
    private final Linux linux = new LinuxCalls();
    @TempDir Path temporary;
    private Path source;

    @BeforeEach
    void makeSource() throws IOException {
        source = Files.createDirectory(temporary.resolve("source"));
        Path deep = source;
        for (int i = 0; i < 12; i++) {
            deep = Files.createDirectory(deep.resolve("a-rather-long-name-of-directory-" + i));
        }
        Files.writeString(deep.resolve("fïle"), "deep");
        Files.createSymbolicLink(source.resolve("link"), deep);
        Files.createLink(source.resolve("hard"), deep.resolve("fïle"));
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        Files.write(source.resolve("noise"), noise);
        try (var sparse = new RandomAccessFile(source.resolve("sparse").toFile(), "rw")) {
            for (int i = 1; i < 60; i++) { // more extents than a header block holds
                sparse.seek(i * 1_000_000L);
                sparse.write(noise, i, 5000);
            }
            sparse.setLength(64_000_000);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--format=gnu",
                "--format=posix --sparse-version=0.0",
                "--format=posix --sparse-version=0.1",
                "--format=posix --sparse-version=1.0"
            })
    void isReadBack(String format) throws Exception {
        Path tar = temporary.resolve("source.tar");
        var command = new ArrayList<>(List.of("tar", "--sparse", "-cf", tar.toString()));
        command.addAll(List.of(format.split(" ", -1)));
        command.addAll(List.of("-C", source.toString(), "."));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).isZero();
        Path layer = Files.createDirectory(temporary.resolve("layer"));
        try (InputStream in = Files.newInputStream(tar)) {
            new LayerApplier(linux).apply(in, layer, WhiteoutStyle.OVERLAY, LayerLimits.DEFAULT);
        }
        try (var files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path made = layer.resolve(source.relativize(file).toString());
                Stat wanted = linux.lstat(file);
                Stat found = linux.lstat(made);
                assertThat(found.mode()).as("%s", made).isEqualTo(wanted.mode());
                assertThat(found.links()).as("%s", made).isEqualTo(wanted.links());
                if (wanted.isRegularFile()) {
                    assertThat(Files.mismatch(file, made)).as("%s", made).isEqualTo(-1);
                    assertThat(found.modified().getEpochSecond())
                            .isEqualTo(wanted.modified().getEpochSecond());
                }
                if (wanted.isSymlink()) {
                    assertThat(Files.readSymbolicLink(made))
                            .isEqualTo(Files.readSymbolicLink(file));
                }
            }
        }
        assertThat(linux.lstat(layer.resolve("sparse")).blocks() * 512).isLessThan(2_000_000);
    }
}
