package io.berth.storage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that refuses writes for a while, as one that becomes read-only does. Here it is a limit on
 * the size of this process's files, which the kernel holds for each write.
 */
class RefusedWriteTest {
    private static final Family<Note> NOTES = new Family<>("notes", 1, Note.class);

    record Note(String text) {}

    @TempDir Path folder;

    private static void limitFiles(String soft) throws IOException, InterruptedException {
        var pid = Long.toString(ProcessHandle.current().pid());
        var done =
                new ProcessBuilder("prlimit", "--pid", pid, "--fsize=" + soft + ":")
                        .inheritIO()
                        .start();
        assertThat(done.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(done.exitValue()).isZero();
    }

    @AfterEach
    void writesAreTaken() throws IOException, InterruptedException {
        limitFiles("unlimited");
    }

    @Test
    void changesAreRefusedByNameReadsGoOnAndTheNextWriteThatTheDiskTakesIsKept()
            throws IOException, InterruptedException {
        try (var metadata = Metadata.open(folder.resolve("meta"))) {
            metadata.copyTo(folder.resolve("records"), "id");
            var notes = metadata.table(NOTES);
            metadata.commit(new Batch().put(notes, "before", new Note("kept")));

            limitFiles("0");
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(
                                () ->
                                        metadata.commit(
                                                new Batch().put(notes, "during", new Note("lost"))))
                        .isInstanceOf(MetadataException.Failed.class)
                        .hasMessageContaining(folder.resolve("meta").toString());
                assertThat(notes.get("before")).contains(new Note("kept"));
            }

            limitFiles("unlimited");
            metadata.commit(new Batch().put(notes, "after", new Note("kept")));
            assertThat(notes.get("after")).contains(new Note("kept"));
        }
        try (var metadata = Metadata.open(folder.resolve("meta"))) {
            assertThat(metadata.table(NOTES).all()).containsKeys("before", "after");
        }
        assertThat(new StoreSalvage(folder.resolve("meta")).check()).isEmpty();
    }
}
