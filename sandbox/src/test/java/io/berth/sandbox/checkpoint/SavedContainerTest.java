package io.berth.sandbox.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.LinuxCalls;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container's checkpoint that is alone in its folder, as archives hold it. */
class SavedContainerTest {
    @TempDir Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("spec.dump"), "{\"process\": {\"args\": [\"sh\"]}}");
        Files.writeString(folder.resolve("rootfs-diff.tar"), "a tar");
        config("\"imageId\": \"sha256:1\", \"rootfsImageRef\": \"r@sha256:2\"");
    }

    private void config(String image) throws IOException {
        Files.writeString(
                folder.resolve("config.dump"),
                "{%s, \"rootfsImageName\": \"busybox\", \"ociRuntime\": \"runc\"}"
                        .formatted(image));
    }

    private SavedContainer read() throws IOException {
        try (var files = SavedFiles.unpacked(new LinuxCalls(), folder, "archive.tar")) {
            var saved = SavedContainer.alone(files, "c");
            assertThat(saved.rootfs().readAllBytes()).asString().isEqualTo("a tar");
            return saved;
        }
    }

    @Test
    void itIsReadAndNamedAsTheRequestNamesIt() throws IOException {
        var saved = read();
        assertThat(saved.name()).isEqualTo("c");
        assertThat(saved.runtime()).isEqualTo("runc");
        assertThat(saved.spec().at("/process/args/0").asText()).isEqualTo("sh");
        assertThat(saved.image()).isEqualTo(new SavedImage("sha256:1", "r@sha256:2", "busybox"));
        assertThat(saved.image().exact()).isEqualTo("sha256:1");
    }

    @Test
    void anImageThatIsNamedByDigestAloneIsExactToo() throws IOException {
        config("\"rootfsImageRef\": \"r@sha256:2\"");
        assertThat(read().image().exact()).isEqualTo("r@sha256:2");
    }

    @Test
    void whatIsMissingOrOfAnotherKindIsNamedAfterTheArchive() throws IOException {
        config("\"rootfsImageRef\": 5");
        refused("checkpoint archive.tar: config.dump: found no text as 'imageId'");
        config("\"imageId\": \"sha256:1\"");
        Files.writeString(folder.resolve("deleted.files"), "[]");
        refused("checkpoint archive.tar: deleted.files: found such a file");
        Files.delete(folder.resolve("deleted.files"));
        Files.delete(folder.resolve("spec.dump"));
        refused("checkpoint archive.tar: spec.dump: found none");
    }

    private void refused(String words) {
        assertThatThrownBy(this::read)
                .isInstanceOf(SandboxException.WrongState.class)
                .hasMessageContaining(words);
    }
}
