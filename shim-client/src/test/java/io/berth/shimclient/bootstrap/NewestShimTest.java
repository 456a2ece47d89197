package io.berth.shimclient.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewestShimTest {
    private static final String FIRST =
            "path\tgithub.com/containerd/containerd/cmd/containerd-shim-runc-v2";
    private static final String SECOND =
            "path\tgithub.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2";
    private static final String THIRD = SECOND + "\ncontainerd.runtime.bootstrap.v1";

    @TempDir Path directory;

    private Path program(String name, String content) throws IOException {
        var file = Files.writeString(directory.resolve(name), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void newestGenerationIsChosenWhereverItStands() throws IOException {
        var first = program("first", FIRST);
        var second = program("second", SECOND);
        var third = program("third", THIRD);
        assertThat(NewestShim.of(List.of(first, second, third))).contains(third);
        assertThat(NewestShim.of(List.of(third, second, first))).contains(third);
        assertThat(NewestShim.of(List.of(first, second))).contains(second);
    }

    @Test
    void firstOfAGenerationStays() throws IOException {
        var one = program("one", SECOND);
        assertThat(NewestShim.of(List.of(one, program("other", SECOND)))).contains(one);
    }

    @Test
    void onlyProgramsThatAreThereCount() throws IOException {
        var folder = Files.createDirectory(directory.resolve("folder"));
        var first = program("first", FIRST);
        var text = Files.writeString(directory.resolve("text"), THIRD);
        var absent = directory.resolve("absent");
        assertThat(NewestShim.of(List.of(absent, text, folder, first))).contains(first);
        assertThat(NewestShim.of(List.of(absent, text))).isEmpty();
    }
}
