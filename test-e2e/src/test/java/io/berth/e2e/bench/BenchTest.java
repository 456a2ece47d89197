package io.berth.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ListImagesRequest;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.e2e.node.TestNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The program against a node that runs, which is both sides. Its end checks the host. */
@Tag("e2e")
class BenchTest {
    @Test
    void aPartIsMeasuredOnBothSidesAndLeavesNothing() throws IOException {
        try (var node = TestNode.start()) {
            var before = images(node);
            var outcomes = new ArrayList<Bench.Outcome>();
            var socket = node.folders().socket().toString();
            Bench.measure(
                    Options.parse(
                            List.of(
                                    "--quick",
                                    "--only",
                                    "exec",
                                    "--endpoint",
                                    socket,
                                    "--peer",
                                    socket)),
                    outcomes::add);
            assertThat(outcomes).hasSize(1);
            var results = outcomes.getFirst().results();
            assertThat(results.contenders()).hasSize(2).doesNotHaveDuplicates();
            assertThat(results.figures())
                    .extracting(Figure::name)
                    .containsExactly("ExecSync of true");
            var exec = results.figures().getFirst();
            for (int side = 0; side < 2; side++) {
                var samples = results.samples(exec, side).orElseThrow();
                assertThat(samples.count()).isEqualTo(Effort.QUICK.calls().commands());
                assertThat(samples.median()).isPositive();
            }
            assertThat(results.ratio(exec)).isPresent();
            assertThat(outcomes.getFirst().lines()).anyMatch(line -> line.startsWith(exec.name()));
            assertThat(
                            node.client()
                                    .runtime()
                                    .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                                    .getItemsList())
                    .isEmpty();
            assertThat(images(node)).isEqualTo(before);
            assertThat(SocketPeer.pid(node.folders().socket())).isEqualTo(node.daemon().pid());
        }
    }

    private static List<String> images(TestNode node) {
        return node
                .client()
                .images()
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList()
                .stream()
                .flatMap(image -> image.getRepoTagsList().stream())
                .sorted()
                .toList();
    }
}
