package io.berth.e2e.bench;

import io.berth.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Pods of one contender that stand, each with one container that waits. */
final class Pods {
    private final Contender contender;
    private final ConcurrentLinkedDeque<Standing> standing = new ConcurrentLinkedDeque<>();

    private record Standing(String sandbox, String container) {}

    Pods(Contender contender) {
        this.contender = contender;
    }

    int count() {
        return standing.size();
    }

    /** Ids of all pods and containers. */
    List<String> ids() {
        var ids = new ArrayList<String>();
        for (var each : standing) {
            ids.add(each.sandbox());
            ids.add(each.container());
        }
        return ids;
    }

    /** Starts pods, so many at a time, until there are {@code count}. */
    void grow(int count, int workers) throws IOException {
        together(count - standing.size(), workers, this::start);
    }

    /** Ends all of them, so many at a time. */
    void end(int workers) throws IOException {
        together(
                standing.size(),
                workers,
                () -> contender.kubelet().end(standing.removeLast().sandbox()));
    }

    /** Takes it that there are none any more. */
    void forget() {
        standing.clear();
    }

    private void start() throws IOException {
        PodSandboxConfig pod = contender.pod();
        var kubelet = contender.kubelet();
        var sandbox = contender.run(pod);
        var container =
                kubelet.launch(sandbox, pod, kubelet.shell("c", "exec sleep 1000000").build());
        standing.add(new Standing(sandbox, container));
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private static void together(int times, int workers, Work work) throws IOException {
        var left = new AtomicInteger(times);
        Callable<Boolean> worker =
                () -> {
                    while (left.getAndDecrement() > 0) {
                        work.run();
                    }
                    return true;
                };
        try (var pool = Executors.newFixedThreadPool(workers)) {
            var all = new ArrayList<Future<Boolean>>();
            for (int i = 0; i < workers; i++) {
                all.add(pool.submit(worker));
            }
            for (var each : all) {
                each.get();
            }
        } catch (ExecutionException failure) {
            throw new IOException("pods: a worker failed", failure.getCause());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while pods were at work", stopped);
        }
    }
}
