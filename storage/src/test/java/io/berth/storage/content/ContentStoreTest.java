package io.berth.storage.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.storage.metadata.Ledger;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContentStoreTest {
    private static final byte[] HELLO = "hello, world".getBytes(UTF_8);
    @TempDir Path root;
    private Metadata metadata;
    private Ledger ledger;
    private ContentStore store;

    @BeforeEach
    void open() {
        metadata = Metadata.open(root.resolve("meta"));
        ledger = Ledger.open(metadata);
        store = ContentStore.open(root.resolve("content"), ledger, Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
        metadata.close();
    }

    private void reopen() {
        close();
        open();
    }

    private Ingest ingest(String ref) {
        return store.ingest(ref, OptionalLong.empty(), Optional.empty());
    }

    private List<String> ingestDirectories() throws IOException {
        try (var entries = Files.list(root.resolve("content/ingest"))) {
            return entries.map(Path::toString).toList();
        }
    }

    private void nothingIsLeftOfIngests() throws IOException {
        assertThat(ledger.entries()).isEmpty();
        assertThat(ingestDirectories()).isEmpty();
        assertThat(store.ingests()).isEmpty();
    }

    @Test
    void whatIsCommittedIsFoundAlsoAfterAReopen() throws IOException {
        try (var ingest =
                store.ingest("a", OptionalLong.of(12), Optional.of(Digest.sha256(HELLO)))) {
            assertThat(ledger.entries()).extracting(Ledger.Entry::owner).containsExactly("a");
            ingest.write(ByteBuffer.wrap(HELLO));
            var blob = ingest.commit();
            assertThat(blob.path()).hasBinaryContent(HELLO);
        }
        nothingIsLeftOfIngests();
        reopen();
        var digest = Digest.sha256(HELLO);
        assertThat(store.find(digest)).map(Blob::sizeBytes).contains(12L);
        assertThat(store.readAll(digest, 12)).isEqualTo(HELLO);
        assertThat(store.usedBytes()).isEqualTo(12);
        assertThat(store.blobs()).hasSize(1);
        assertThatThrownBy(() -> store.readAll(digest, 11))
                .isInstanceOf(ContentException.SizeMismatch.class)
                .hasMessageContaining("found 12 bytes, wanted at most 11");
        store.delete(digest);
        store.delete(digest);
        assertThat(store.usedBytes()).isZero();
        assertThatThrownBy(() -> store.open(digest)).isInstanceOf(ContentException.NotFound.class);
    }

    @Test
    void anInterruptedIngestIsResumedWhereItStopped() throws IOException {
        try (var ingest = ingest("a")) {
            ingest.write(ByteBuffer.wrap(HELLO, 0, 7));
        }
        reopen();
        assertThat(store.ingests()).containsExactly(new ContentStore.Pending("a", 7, false));
        try (var ingest = ingest("a")) {
            assertThat(ingest.offset()).isEqualTo(7);
            ingest.write(ByteBuffer.wrap(HELLO, 7, 5));
            assertThat(ingest.commit().digest()).isEqualTo(Digest.sha256(HELLO));
        }
        nothingIsLeftOfIngests();
    }

    @Test
    void aRestartedIngestForgetsItsBytes() {
        try (var ingest = ingest("a")) {
            ingest.write(ByteBuffer.wrap("garbage".getBytes(UTF_8)));
            ingest.restart();
            ingest.write(ByteBuffer.wrap(HELLO));
            assertThat(ingest.commit().digest()).isEqualTo(Digest.sha256(HELLO));
        }
    }

    @Test
    void aWrongDigestIsDeletedAndNamesBoth() throws IOException {
        var wanted = Digest.sha256(new byte[0]);
        try (var ingest = store.ingest("a", OptionalLong.empty(), Optional.of(wanted))) {
            ingest.write(ByteBuffer.wrap(HELLO));
            assertThatThrownBy(ingest::commit)
                    .isInstanceOf(ContentException.DigestMismatch.class)
                    .hasMessage(
                            "ingest a: found %s, wanted %s"
                                    .formatted(Digest.sha256(HELLO), wanted));
        }
        nothingIsLeftOfIngests();
        assertThat(store.blobs()).isEmpty();
    }

    @Test
    void tooManyBytesAreDeletedAndTooFewAreKept() throws IOException {
        try (var ingest = store.ingest("a", OptionalLong.of(11), Optional.empty())) {
            assertThatThrownBy(() -> ingest.write(ByteBuffer.wrap(HELLO)))
                    .isInstanceOf(ContentException.SizeMismatch.class)
                    .hasMessage("ingest a: found 12 bytes, wanted at most 11");
        }
        nothingIsLeftOfIngests();
        try (var ingest = store.ingest("a", OptionalLong.of(13), Optional.empty())) {
            ingest.write(ByteBuffer.wrap(HELLO));
            assertThatThrownBy(ingest::commit)
                    .isInstanceOf(ContentException.SizeMismatch.class)
                    .hasMessage("ingest a: found 12 bytes, wanted 13");
        }
        assertThat(store.ingests()).containsExactly(new ContentStore.Pending("a", 12, false));
        store.abandon("a");
        nothingIsLeftOfIngests();
        assertThatThrownBy(
                        () -> store.ingest("a", OptionalLong.of(Long.MAX_VALUE), Optional.empty()))
                .isInstanceOf(ContentException.SizeMismatch.class);
    }

    @Test
    void oneWriterARef() {
        try (var ingest = ingest("a")) {
            assertThatThrownBy(() -> ingest("a").close())
                    .isInstanceOf(ContentException.Busy.class)
                    .hasMessage("ingest a: open already; wait for its writer");
            assertThatThrownBy(() -> store.abandon("a")).isInstanceOf(ContentException.Busy.class);
            ingest.abandon();
        }
        ingest("a").abandon();
    }

    @Test
    void theSameBlobFromManyWritersCountsOnce() throws Exception {
        byte[] bytes = new byte[300_000];
        new Random(7).nextBytes(bytes);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writers =
                    IntStream.range(0, 16)
                            .<Callable<Blob>>mapToObj(
                                    i ->
                                            () -> {
                                                try (var ingest = ingest("ref-" + i)) {
                                                    ingest.write(ByteBuffer.wrap(bytes));
                                                    return ingest.commit();
                                                }
                                            })
                            .toList();
            for (var done : threads.invokeAll(writers)) {
                assertThat(done.get().digest()).isEqualTo(Digest.sha256(bytes));
            }
        }
        assertThat(store.usedBytes()).isEqualTo(bytes.length);
        nothingIsLeftOfIngests();
    }

    @Test
    void openSweepsWhatACrashLeft() throws IOException {
        var ingests = root.resolve("content/ingest");
        try (var resumable = ingest("resumable")) {
            resumable.write(ByteBuffer.wrap(HELLO));
        }
        var kept = ingestDirectories();
        try (var renamed = ingest("renamed before the ingest was removed")) {
            renamed.write(ByteBuffer.wrap(HELLO));
        }
        Files.delete(
                root.resolve("content/ingest")
                        .resolve(ContentFiles.ingestId("renamed before the ingest was removed"))
                        .resolve("data"));
        Files.createDirectories(ingests.resolve("unknown-to-the-ledger"));
        Files.writeString(ingests.resolve("unknown-to-the-ledger/data"), "x");
        ledger.intend(
                new Ledger.Entry(
                        "ingest",
                        ContentFiles.ingestId("intended only"),
                        "intended only",
                        Clock.systemUTC().instant()));
        Files.writeString(root.resolve("content/blobs/sha256/foreign"), "not ours");
        reopen();
        assertThat(ingestDirectories()).isEqualTo(kept);
        assertThat(ledger.entries()).extracting(Ledger.Entry::owner).containsExactly("resumable");
        assertThat(root.resolve("content/blobs/sha256/foreign")).exists();
        assertThat(store.blobs()).isEmpty();
    }

    @Test
    void malformedDigestsAreRefused() {
        assertThatThrownBy(() -> Digest.parse("sha256"))
                .hasMessage("digest: found \"sha256\", wanted sha256:HEX");
        assertThatThrownBy(() -> Digest.parse("sha512:00"))
                .hasMessage("digest algorithm: found \"sha512\", wanted sha256");
        assertThatThrownBy(() -> Digest.parse("sha256:" + "A".repeat(64)))
                .hasMessageContaining("wanted 64 lower-case hexadecimal digits");
        assertThatThrownBy(() -> Digest.parse("sha256:../../etc/passwd"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Digest.parse("sha256:" + "a".repeat(64)).toString())
                .isEqualTo("sha256:" + "a".repeat(64));
    }
}
