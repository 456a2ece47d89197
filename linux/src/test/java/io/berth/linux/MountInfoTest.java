package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountInfoTest {
    @Test
    void ownMountsAreReadable() throws IOException {
        assertThat(MountInfo.read())
                .anyMatch(mount -> mount.mountPoint().equals(Path.of("/proc")))
                .allMatch(mount -> mount.mountPoint().isAbsolute());
    }

    @Test
    void everyFieldIsRead() {
        String line =
                "41 31 0:38 /sub /mnt/a rw,nosuid shared:3 master:1 - ext4 /dev/sda1 rw,discard";
        assertThat(MountInfo.parse(line + "\n"))
                .containsExactly(
                        new MountEntry(
                                41,
                                31,
                                "0:38",
                                "/sub",
                                Path.of("/mnt/a"),
                                List.of("rw", "nosuid"),
                                List.of("shared:3", "master:1"),
                                "ext4",
                                "/dev/sda1",
                                List.of("rw", "discard")));
    }

    @Test
    void octalEscapesAreUndone() {
        String line = "1 2 0:1 / /mnt/a\\040b\\011c\\134d\\012\\303\\244 rw - tmpfs no\\043ne rw";
        var entry = MountInfo.parse(line).getFirst();
        assertThat(entry.mountPoint()).isEqualTo(Path.of("/mnt/a b\tc\\d\nä"));
        assertThat(entry.source()).isEqualTo("no#ne");
    }

    @Test
    void mountsBelowAFolderAreFoundUnderEscapedNamesToo() {
        var text =
                """
                1 0 0:1 / / rw - tmpfs none rw
                2 1 0:2 / /mnt/a rw - tmpfs none rw
                3 2 0:3 / /mnt/a/b rw - tmpfs none rw
                4 1 0:4 / /mnt/ab rw - tmpfs /mnt/a rw
                5 1 0:5 / /mnt/c\\040d/e rw - tmpfs none rw
                """;
        assertThat(MountInfo.below(Path.of("/mnt/a"), text))
                .extracting(MountEntry::mountPoint)
                .containsExactly(Path.of("/mnt/a"), Path.of("/mnt/a/b"));
        assertThat(MountInfo.below(Path.of("/mnt/c d"), text))
                .extracting(MountEntry::mountPoint)
                .containsExactly(Path.of("/mnt/c d/e"));
        assertThat(MountInfo.below(Path.of("/"), text)).hasSize(5);
        assertThat(MountInfo.below(Path.of("/none"), text)).isEmpty();
    }

    @Test
    void lineOfAnotherFormIsRefusedByText() {
        for (String wrong :
                List.of("x", "1 2 0:1 / /mnt rw tmpfs none rw", "a 2 0:1 / /m rw - t s o")) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> MountInfo.parse(wrong))
                    .withMessageContaining(wrong);
        }
    }
}
