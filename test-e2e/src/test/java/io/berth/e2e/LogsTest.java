package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ReopenContainerLogRequest;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What containers write, as the kubelet reads and rotates it. */
class LogsTest extends NodeTest {
    private static final int LINES = 2000;

    @Test
    void rotationUnderOutputLosesNoLine() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config =
                kubelet.shell(
                        "c",
                        "i=0; while [ $i -lt %d ]; do i=$((i+1)); echo line $i; done; echo end"
                                .formatted(LINES));
        var id = kubelet.launch(sandbox, pod, config.build());
        var log = Kubelet.log(pod, config);
        Waiting.until("output", Kubelet.SOON, () -> Files.exists(log) && Files.size(log) > 0);
        var rotated = log.resolveSibling("c.log.1");
        Files.move(log, rotated);
        var reopened = reopen(id);
        kubelet.exited(id);
        var texts = new ArrayList<>(LogLine.texts(rotated, "stdout"));
        if (reopened) {
            texts.addAll(LogLine.texts(log, "stdout"));
        }
        var wanted =
                new ArrayList<>(
                        IntStream.rangeClosed(1, LINES).mapToObj(i -> "line " + i).toList());
        wanted.add("end");
        assertThat(texts).containsExactlyElementsOf(wanted);
    }

    /** False if the container had ended before, which a reopen refuses. */
    private boolean reopen(String id) {
        try {
            node.client()
                    .runtime()
                    .reopenContainerLog(
                            ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
            return true;
        } catch (io.grpc.StatusRuntimeException ended) {
            assertThat(ended.getStatus().getDescription()).contains(id);
            return false;
        }
    }

    @Test
    void nothingIsWrittenToTheOldFileAfterAReopen() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config =
                kubelet.shell(
                        "c", "echo first; until [ -e /tmp/go ]; do usleep 9999; done; echo second");
        var id = kubelet.launch(sandbox, pod, config.build());
        var log = Kubelet.log(pod, config);
        kubelet.awaitLine(log, "first");
        var rotated = log.resolveSibling("c.log.1");
        Files.move(log, rotated);
        assertThat(reopen(id)).isTrue();
        kubelet.exec(id, "touch", "/tmp/go");
        kubelet.exited(id);
        assertThat(LogLine.texts(rotated, "stdout")).containsExactly("first");
        assertThat(LogLine.texts(log, "stdout")).containsExactly("second");
    }

    @Test
    void aReopenOfWhatDoesNotRunMakesNoFile() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config = kubelet.shell("c", "true");
        var id = kubelet.launch(sandbox, pod, config.build());
        kubelet.exited(id);
        var log = Kubelet.log(pod, config);
        Files.move(log, log.resolveSibling("c.log.1"));
        assertThat(reopen(id)).isFalse();
        assertThat(log).doesNotExist();
    }

    @Test
    void aLongLineIsSplitAndWholeAgainWhenJoined() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config = kubelet.shell("c", "head -c 50000 /dev/zero | tr '\\0' x; echo; echo short");
        kubelet.exited(kubelet.launch(sandbox, pod, config.build()));
        var lines = LogLine.read(Kubelet.log(pod, config));
        var joined = new StringBuilder();
        int last = 0;
        while (lines.get(last).tag().equals("P")) {
            assertThat(lines.get(last).text().length()).isLessThanOrEqualTo(16384);
            joined.append(lines.get(last++).text());
        }
        joined.append(lines.get(last).text());
        assertThat(joined).hasToString("x".repeat(50000));
        assertThat(lines.get(last + 1).text()).isEqualTo("short");
        assertThat(lines).hasSize(last + 2);
    }
}
