package io.berth.imageservice.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Family;
import io.berth.storage.metadata.Metadata;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that an older berth has stored. */
class ImageRecordTest {

    private static final String ID = "sha256:" + "0".repeat(64);

    @TempDir Path folder;

    /** Version 1, as it was written. */
    record V1(
            String id,
            List<String> tags,
            List<String> digests,
            String manifest,
            List<String> blobs,
            String chainId,
            ImageConfig config,
            long sizeBytes,
            boolean pinned,
            Instant pulledAt) {}

    @Test
    void anImageOfVersionOneIsReadWithoutAnnotations() {
        var config =
                new ImageConfig(
                        "1000",
                        List.of("A=b"),
                        List.of(),
                        List.of("sh"),
                        "/w",
                        Set.of(),
                        Set.of(),
                        Map.of(),
                        Optional.of("SIGQUIT"),
                        "amd64",
                        "linux");
        var old =
                new V1(
                        ID,
                        List.of("a/b:1"),
                        List.of(),
                        ID,
                        List.of(ID),
                        ID,
                        config,
                        7,
                        true,
                        Instant.EPOCH);
        try (var metadata = Metadata.open(folder.resolve("meta"))) {
            var table = metadata.table(new Family<>("images", 1, V1.class));
            metadata.commit(new Batch().put(table, ID, old));
        }
        try (var metadata = Metadata.open(folder.resolve("meta"))) {
            var record = metadata.table(ImageRecords.FAMILY).get(ID).orElseThrow();
            assertThat(record.annotations()).isEmpty();
            assertThat(record.config()).isEqualTo(config);
            assertThat(record.tags()).containsExactly("a/b:1");
            assertThat(record.pinned()).isTrue();
        }
    }
}
