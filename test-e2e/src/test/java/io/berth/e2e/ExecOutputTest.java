package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.ExecSyncResponse;
import io.berth.cri.v1.RuntimeServiceGrpc;
import io.berth.e2e.cri.CriClient;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Commands that write much, together more than the daemon's memory, and callers that read slowly.
 */
class ExecOutputTest extends NodeTest {
    private static final int LONG = 15_000_000;
    private static final String WRITE_LONG = "head -c " + LONG + " /dev/zero";

    private String container() throws IOException {
        var pod = kubelet.pod().build();
        var script = kubelet.shell("c", "sleep 1000").build();
        return kubelet.launch(kubelet.run(pod), pod, script);
    }

    @Test
    void outputBeyondAMessageIsLeftOut() throws IOException {
        var script = "head -c 20000000 /dev/zero; echo err >&2; exit 2";
        var answer = kubelet.execFor(container(), 300, "sh", "-c", script);
        assertThat(answer.getExitCode()).isEqualTo(2);
        assertThat(answer.getStderr().toStringUtf8()).isEqualTo("err\n");
        assertThat(answer.getStdout().size()).isGreaterThan(16_700_000);
        assertThat(answer.getSerializedSize()).isLessThanOrEqualTo(16 << 20);
    }

    @Test
    void manyLongOutputsAtOnceAllArriveWhole() throws Exception {
        var container = container();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<ExecSyncResponse>>();
            for (int i = 0; i < 10; i++) {
                var script = WRITE_LONG + "; echo end " + i;
                answers.add(
                        callers.submit(() -> kubelet.execFor(container, 100, "sh", "-c", script)));
            }
            for (int i = 0; i < 10; i++) {
                var stdout = answers.set(i, null).get(120, TimeUnit.SECONDS).getStdout();
                assertThat(stdout.size()).isEqualTo(LONG + 6);
                assertThat(stdout.substring(LONG).toStringUtf8()).isEqualTo("end " + i + "\n");
            }
        }
    }

    /** A call whose answer has begun to come, and is not taken. */
    private static final class Unread extends ClientCall.Listener<ExecSyncResponse> {
        private final CompletableFuture<Metadata> begun = new CompletableFuture<>();
        private final ClientCall<ExecSyncRequest, ExecSyncResponse> call;

        Unread(CriClient client, String container) {
            call =
                    client.channel()
                            .newCall(RuntimeServiceGrpc.getExecSyncMethod(), CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.sendMessage(
                    ExecSyncRequest.newBuilder()
                            .setContainerId(container)
                            .addAllCmd(List.of("sh", "-c", WRITE_LONG))
                            .build());
            call.halfClose();
        }

        @Override
        public void onHeaders(Metadata headers) {
            begun.complete(headers);
        }
    }

    @Test
    void callersThatReadNothingHoldOthersUpOnlyUntilTheyLeave() throws Exception {
        var container = container();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor();
                var deaf = CriClient.of(node.folders().socket())) {
            var unread = List.of(new Unread(deaf, container), new Unread(deaf, container));
            for (var one : unread) {
                var _ = one.begun.get(60, TimeUnit.SECONDS);
            }
            var much =
                    callers.submit(() -> kubelet.execFor(container, 100, "sh", "-c", WRITE_LONG));
            var few = kubelet.exec(container, "echo", "few");
            assertThat(few.getStdout().toStringUtf8()).isEqualTo("few\n");
            unread.forEach(one -> one.call.cancel("read by nobody", null));
            assertThat(much.get(120, TimeUnit.SECONDS).getStdout().size()).isEqualTo(LONG);
        }
    }
}
