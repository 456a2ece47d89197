package io.berth.daemon.cri.admin;

import io.berth.admin.v1.LayerProgress;
import io.berth.admin.v1.Progress;
import io.berth.imageservice.image.PullProgress;
import io.berth.storage.content.Digest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Gathers what layers report and passes on the newest of each at intervals. Reports come from any
 * thread and return at once; one thread at a time sends.
 */
final class ProgressFeed implements PullProgress {
    static final Duration INTERVAL = Duration.ofMillis(100);

    private final Map<String, LayerProgress> news = new LinkedHashMap<>();

    @Override
    public void layer(Digest layer, Stage stage, long doneBytes, long totalBytes) {
        var progress =
                LayerProgress.newBuilder()
                        .setDigest(layer.toString())
                        .setStage(
                                switch (stage) {
                                    case WAITING -> LayerProgress.Stage.WAITING;
                                    case DOWNLOADING -> LayerProgress.Stage.DOWNLOADING;
                                    case UNPACKING -> LayerProgress.Stage.UNPACKING;
                                    case DONE -> LayerProgress.Stage.DONE;
                                })
                        .setDoneBytes(doneBytes)
                        .setTotalBytes(totalBytes)
                        .build();
        synchronized (news) {
            news.put(progress.getDigest(), progress);
        }
    }

    /** What has come since the last call. */
    Optional<Progress> take() {
        synchronized (news) {
            if (news.isEmpty()) {
                return Optional.empty();
            }
            var progress = Progress.newBuilder().addAllLayers(news.values()).build();
            news.clear();
            return Optional.of(progress);
        }
    }

    /**
     * Runs the work and meanwhile sends what it reports, the last of it before this returns.
     * Nothing is sent after that, so that the caller may send the result.
     */
    <T> T during(Callable<T> work, Consumer<Progress> send) throws Exception {
        var ended = new CountDownLatch(1);
        var sender =
                Thread.ofVirtual()
                        .name("progress")
                        .start(
                                () -> {
                                    try {
                                        while (!ended.await(
                                                INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                                            take().ifPresent(send);
                                        }
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });
        try {
            return work.call();
        } finally {
            ended.countDown();
            sender.join();
            take().ifPresent(send);
        }
    }
}
