package io.berth.daemon.cri.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.berth.admin.v1.LayerProgress;
import io.berth.imageservice.image.PullProgress.Stage;
import io.berth.storage.content.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What goes over the admin's streams: progress out, an archive's bytes in. */
final class ProgressFeedTest {
    private static final Digest LAYER = Digest.sha256("layer".getBytes(StandardCharsets.UTF_8));

    @Test
    void onlyTheNewestOfALayerIsSentAndTheLastBeforeTheResult() throws Exception {
        var feed = new ProgressFeed();
        List<LayerProgress> sent = new ArrayList<>();
        var result =
                feed.during(
                        () -> {
                            for (int i = 0; i < 1000; i++) {
                                feed.layer(LAYER, Stage.DOWNLOADING, i, 1000);
                            }
                            feed.layer(LAYER, Stage.DONE, 1000, 1000);
                            return "done";
                        },
                        news -> sent.addAll(news.getLayersList()));
        assertThat(result).isEqualTo("done");
        assertThat(sent).hasSizeLessThan(50);
        assertThat(sent.getLast().getStage()).isEqualTo(LayerProgress.Stage.DONE);
        assertThat(feed.take()).isEmpty();
    }

    @Test
    void chunksAreReadInOrderAndEachAsksForTheNext() throws IOException {
        var asked = new AtomicInteger();
        try (var chunks = new Chunks(asked::incrementAndGet)) {
            chunks.add(ByteString.copyFromUtf8("ab"));
            chunks.add(ByteString.EMPTY);
            chunks.add(ByteString.copyFromUtf8("c"));
            chunks.end();
            assertThat(chunks.readAllBytes()).asString().isEqualTo("abc");
            assertThat(asked).hasValue(3);
            assertThat(chunks.read()).isEqualTo(-1);
        }
    }

    @Test
    void aClientThatGoesAwayIsAnErrorAndNoEnd() throws IOException {
        try (var chunks = new Chunks(() -> {})) {
            chunks.add(ByteString.copyFromUtf8("ab"));
            chunks.fail("gone");
            assertThat(chunks.readNBytes(2)).hasSize(2);
            assertThatThrownBy(chunks::read)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("gone");
            assertThatThrownBy(chunks::read).isInstanceOf(IOException.class);
        }
    }
}
