package io.berth.shimclient.shim;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.Pidfd;
import io.berth.shim.v3.ConnectRequest;
import io.berth.shim.v3.ConnectResponse;
import io.berth.shimclient.bundle.Bundle;
import io.berth.shimclient.process.ShimProcesses;
import io.berth.shimclient.ttrpc.StatusCode;
import io.berth.shimclient.ttrpc.TtrpcClient;
import io.berth.shimclient.ttrpc.TtrpcException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Makes the first connection to a shim, and takes hold of its process. */
final class ShimConnector {
    private static final Duration RETRY_PAUSE = Duration.ofMillis(10);

    private final ShimSettings settings;
    private final Linux linux;
    private final ShimProcesses processes;

    ShimConnector(ShimSettings settings, Linux linux, ShimProcesses processes) {
        this.settings = settings;
        this.linux = linux;
        this.processes = processes;
    }

    /** A connection that has answered, and the process that it answered from. */
    record Connected(Bootstrap bootstrap, TtrpcClient client, Pidfd process) {}

    /**
     * Tries the candidates in turn until one answers.
     *
     * @throws ShimException.ShimLost if nobody listens and the bundle has no shim process
     * @throws ShimException.TimedOut if there is a process, but no answer
     * @throws ShimException.GivenUp if there is a process, and {@code givenUp} or an interrupt came
     *     before its answer
     */
    Connected connect(
            Bundle bundle, List<Bootstrap> candidates, Duration timeout, BooleanSupplier givenUp)
            throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        String found = "";
        while (true) {
            for (var candidate : candidates) {
                try {
                    return attempt(bundle, candidate, left(deadline));
                } catch (TtrpcException | LinuxException e) {
                    found = String.valueOf(e.getMessage());
                }
            }
            if (processes.of(bundle.directory()).isEmpty()) {
                throw new ShimException.ShimLost(
                        "shim %s: no process has bundle %s; %s"
                                .formatted(bundle.id(), bundle.directory(), found),
                        null);
            }
            if (givenUp.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                throw new ShimException.GivenUp(
                        "shim %s: not waited for any longer: %s".formatted(bundle.id(), found),
                        null);
            }
            if (System.nanoTime() >= deadline) {
                throw new ShimException.TimedOut(
                        "shim %s: runs, but has not answered within %s: %s"
                                .formatted(bundle.id(), timeout, found),
                        null);
            }
            LockSupport.parkNanos(RETRY_PAUSE.toNanos());
        }
    }

    /**
     * Asks for the pid, opens it, and asks again: the process that still answers cannot have left
     * its pid to another one in between.
     */
    private Connected attempt(Bundle bundle, Bootstrap candidate, Duration timeout)
            throws IOException {
        var client = ShimLink.connect(candidate, settings);
        try {
            int pid = askPid(client, bundle, candidate, timeout);
            var process = linux.pidfdOpen(pid);
            try {
                int again = askPid(client, bundle, candidate, timeout);
                if (again != pid) {
                    throw new LinuxException("pidfd_open", Errno.ESRCH, bundle.directory());
                }
                return new Connected(candidate, client, process);
            } catch (IOException | RuntimeException e) {
                process.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            client.close();
            throw e;
        }
    }

    private int askPid(TtrpcClient client, Bundle bundle, Bootstrap candidate, Duration timeout)
            throws IOException {
        try {
            return client.call(
                            candidate.version().service(),
                            TaskMethod.CONNECT.wireName(),
                            ConnectRequest.newBuilder().setId(bundle.id()).build(),
                            ConnectResponse.parser(),
                            timeout)
                    .getShimPid();
        } catch (TtrpcException.Refused e) {
            // some shims know no pid before their first task
            var pids = processes.of(bundle.directory());
            if (e.code() == StatusCode.UNIMPLEMENTED || pids.isEmpty()) {
                throw e;
            }
            return pids.getFirst();
        }
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    }
}
