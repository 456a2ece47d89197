package io.berth.e2e.bench;

import io.berth.cri.v1.ListContainerStatsRequest;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.ListPodSandboxStatsRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.function.ToIntFunction;

/** Lists, and what is in them for each pod. */
final class Lists {
    private static final List<Call> CALLS =
            List.of(
                    new Call(
                            "ListPodSandbox",
                            each ->
                                    each.client()
                                            .runtime()
                                            .listPodSandbox(
                                                    ListPodSandboxRequest.getDefaultInstance())
                                            .getItemsCount()),
                    new Call(
                            "ListContainers",
                            each ->
                                    each.client()
                                            .runtime()
                                            .listContainers(
                                                    ListContainersRequest.getDefaultInstance())
                                            .getContainersCount()),
                    new Call(
                            "ListContainerStats",
                            each ->
                                    each.client()
                                            .runtime()
                                            .listContainerStats(
                                                    ListContainerStatsRequest.getDefaultInstance())
                                            .getStatsCount()),
                    new Call(
                            "ListPodSandboxStats",
                            each ->
                                    each.client()
                                            .runtime()
                                            .listPodSandboxStats(
                                                    ListPodSandboxStatsRequest.getDefaultInstance())
                                            .getStatsCount()));

    private record Call(String name, ToIntFunction<Contender> call) {}

    private Lists() {}

    static void measure(Round round) throws IOException {
        int count = round.effort().standing().listPods();
        DaemonFigures.grow(round, count);
        for (var call : CALLS) {
            var figure = Figure.millis("%s of %d".formatted(call.name(), count));
            round.alternate(
                    call.name(),
                    round.effort().calls().lists(),
                    contender -> list(round, contender, call, figure));
        }
    }

    private static void list(Round round, Contender contender, Call call, Figure figure)
            throws IOException {
        int wanted = round.podsOf(contender).count();
        try {
            var begun = System.nanoTime();
            int found = call.call().applyAsInt(contender);
            var took = (System.nanoTime() - begun) / 1e6;
            // A runtime that others use has more than ours.
            if (found < wanted) {
                throw new IOException(
                        "%s: found %d, wanted %d".formatted(call.name(), found, wanted));
            }
            round.add(figure, contender, took);
        } catch (StatusRuntimeException failed) {
            if (failed.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
                throw failed;
            }
            round.missing(figure, contender, "the runtime does not have this call");
        }
    }
}
