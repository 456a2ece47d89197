package io.berth.storage.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The copy of the records as they become too many for it, and fewer again. */
final class RecordCopyTest {
    private static final Family<Text> TEXTS = new Family<>("texts", 1, Text.class);
    private static final int MANY = 40;
    private static final int FEW = 5;
    @TempDir Path top;

    record Text(String text) {}

    @Test
    void aCopyGivenUpForItsSizeIsBegunAnewOnceItFits() throws IOException {
        var file = top.resolve("records");
        try (var metadata = Metadata.open(top.resolve("meta"))) {
            var texts = metadata.table(TEXTS);
            metadata.copyTo(file, "id");
            for (int i = 0; i < MANY; i++) {
                metadata.commit(new Batch().put(texts, "t" + i, new Text("x".repeat(1 << 20) + i)));
            }
            assertThat(file).as("more than the copy may take").doesNotExist();
            for (int i = FEW; i < MANY; i++) {
                metadata.commit(new Batch().delete(texts, "t" + i));
            }
            metadata.commit(new Batch().put(texts, "last", new Text("last")));
        }
        var copied = RecordCopy.read(file).orElseThrow();
        assertThat(copied.id()).isEqualTo("id");
        assertThat(copied.families().get("texts"))
                .containsOnlyKeys("t0", "t1", "t2", "t3", "t4", "last");
    }
}
