package io.berth.storage.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DocumentsTest {
    private static final int LARGE = 1_200_000;

    @TempDir private Path root = Path.of("");

    record Old(String name, String request) {}

    record New(String name) {}

    private static final Family<Old> OLD = new Family<>("things", 1, Old.class);
    private static final Family<New> NEW =
            new Family<>("things", 2, New.class, List.of(new RequestMoves()));

    private static final class RequestMoves implements Migration {
        @Override
        public int from() {
            return 1;
        }

        @Override
        public ObjectNode migrate(String key, ObjectNode body) {
            throw new AssertionError("the other is called");
        }

        @Override
        public ObjectNode migrate(String key, ObjectNode body, Batch also) {
            also.putDocument("requests", key, body.remove("request").textValue().getBytes(UTF_8));
            return body;
        }
    }

    @Test
    void aDocumentIsThereAfterARestartUntilItIsDeleted() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var documents = metadata.documents("requests");
            metadata.commit(new Batch().put(documents, "a", "hello".getBytes(UTF_8)));
        }
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var documents = metadata.documents("requests");
            assertThat(UTF_8.decode(documents.get("a").orElseThrow()).toString())
                    .isEqualTo("hello");
            metadata.commit(new Batch().delete(documents, "a"));
            assertThat(documents.get("a")).isEmpty();
        }
    }

    @Test
    void aDocumentOverTheLimitOrInAnotherFormIsRefused() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var documents = metadata.documents("requests");
            assertThatThrownBy(
                            () ->
                                    new Batch()
                                            .put(documents, "a", new byte[Documents.MAX_BYTES + 1]))
                    .isInstanceOf(MetadataException.TooLarge.class);
            metadata.commit(new Batch().putRaw("requests", "b", new byte[] {7, 1}));
            assertThatThrownBy(() -> documents.get("b"))
                    .isInstanceOf(MetadataException.UnreadableRecord.class)
                    .hasMessageContaining("found version 7, wanted 1");
        }
    }

    @Test
    void aMigrationMovesAPartOfEveryRecordHoweverLargeAllAre() {
        int count = 40;
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var old = metadata.table(OLD);
            for (int i = 0; i < count; i++) {
                var request = Integer.toString(i % 10).repeat(LARGE);
                metadata.commit(new Batch().put(old, "k%02d".formatted(i), new Old("n", request)));
            }
        }
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var requests = metadata.documents("requests");
            var things = metadata.table(NEW);
            var keys = new ArrayList<String>();
            things.forEach((key, _) -> keys.add(key));
            assertThat(keys).hasSize(count).isSorted();
            assertThat(keys)
                    .allSatisfy(
                            key ->
                                    assertThat(requests.get(key).orElseThrow().remaining())
                                            .isEqualTo(LARGE));
        }
    }

    @Test
    void aMigrationThatWasCutGoesOn() {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var old = metadata.table(OLD);
            metadata.commit(new Batch().put(old, "b", new Old("n", "rest")));
            metadata.commit(
                    new Batch()
                            .putRaw(
                                    "things",
                                    "a",
                                    "{\"version\":2,\"body\":{\"name\":\"m\"}}".getBytes(UTF_8)));
        }
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var requests = metadata.documents("requests");
            var things = metadata.table(NEW);
            assertThat(things.get("a")).contains(new New("m"));
            assertThat(things.get("b")).contains(new New("n"));
            assertThat(UTF_8.decode(requests.get("b").orElseThrow()).toString()).isEqualTo("rest");
        }
    }
}
