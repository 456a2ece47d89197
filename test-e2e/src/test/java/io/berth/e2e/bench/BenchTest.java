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
            assertThat(count(node)).isZero();
            assertThat(images(node)).isEqualTo(before);
            assertThat(SocketPeer.pid(node.folders().socket())).isEqualTo(node.daemon().pid());
        }
    }

    @Test
    void aPartThatFailsOnOneSideIsNamedAndTheNextBeginsAfresh() throws IOException {
        try (var node = TestNode.start()) {
            var socket = node.folders().socket().toString();
            try (var field = Field.open(List.of(socket, socket))) {
                var results = new Results(List.of("one", "other"));
                var sides = field.contenders();
                var pods = sides.stream().map(Pods::new).toList();
                var course = new Course(new Round(sides, pods, Effort.QUICK, results));
                course.run("broken", BenchTest::startNoContainerOnTheOther);
                assertThat(results.failures()).hasSize(1);
                var failure = results.failures().getFirst();
                assertThat(failure.part()).isEqualTo("broken");
                assertThat(failure.contender()).isEqualTo("other");
                assertThat(failure.error()).startsWith("NOT_FOUND").contains("nobody");
                assertThat(count(node)).isZero();

                course.run("next", round -> DaemonFigures.grow(round, 1));
                assertThat(pods).extracting(Pods::count).containsExactly(1, 1);
                course.run("ending", DaemonFigures::endPods);
                assertThat(count(node)).isZero();
                assertThat(results.failures()).hasSize(1);
            }
        }
    }

    private static void startNoContainerOnTheOther(Round round) throws IOException {
        DaemonFigures.grow(round, 1);
        round.alternate(
                "a broken part",
                1,
                contender -> {
                    if (contender.index() == 1) {
                        contender.kubelet().start("nobody");
                    }
                });
    }

    private static int count(TestNode node) {
        return node.client()
                .runtime()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsCount();
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
