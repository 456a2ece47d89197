package io.berth.sandbox.operation;

import io.berth.cri.v1.ExecRequest;
import io.berth.linux.FdPoller;
import io.berth.linux.PolledFd;
import io.berth.sandbox.exit.ProcessEnds;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.shimclient.shim.ShimException;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Runs a command in a container for a client that is connected with its streams. The command lives
 * no longer than its client: when that is gone the command is killed with its children.
 */
final class Exec {
    private static final Logger LOG = System.getLogger(Exec.class.getName());
    private static final int COPY_BYTES = 32 << 10;

    private final Node node;
    private final FdPoller poller;
    private final ProcessEnds ends;

    Exec(Node node, FdPoller poller, ProcessEnds ends) {
        this.node = node;
        this.poller = poller;
        this.ends = ends;
    }

    /** Sends output to the client. */
    private interface Sink {
        void write(byte[] bytes, int length) throws IOException;
    }

    /** Throws if it could not be run now. */
    void check(ExecRequest request) {
        FieldPolicy.check(request);
        ExecProcess.requireCommand(request.getCmdList());
        Streams.check(
                request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
        var _ = ExecProcess.runningContainer(node, request.getContainerId());
    }

    /**
     * Runs the command until it has ended and its client has its output, or until the client is
     * gone.
     *
     * @return the exit code
     */
    int run(ExecRequest request, Client client) throws IOException {
        check(request);
        var container = ExecProcess.runningContainer(node, request.getContainerId());
        var wanted =
                new ExecProcess.Wanted(request.getCmdList(), request.getTty(), request.getStdin());
        try (var process = ExecProcess.start(node, poller, ends, container, wanted)) {
            LOG.log(Logger.Level.DEBUG, "container={0} {1} begins", container.id(), process.id());
            var name = process.id();
            var out = pump(process.streams().stdout(), client::writeStdout, name + "-stdout");
            var err =
                    process.streams()
                            .stderr()
                            .map(from -> pump(from, client::writeStderr, name + "-stderr"));
            if (request.getStdin()) {
                Thread.ofVirtual().name(name + "-stdin").start(() -> feed(process, client));
            }
            if (request.getTty()) {
                Thread.ofVirtual().name(name + "-size").start(() -> follow(process, client));
            }
            awaitEnd(process, client);
            var exit = process.ended();
            var quiet = node.settings().timeouts().execDrain();
            process.streams().stdout().endAfterQuiet(quiet);
            process.streams().stderr().ifPresent(from -> from.endAfterQuiet(quiet));
            join(out);
            if (err.isPresent()) {
                join(err.get());
            }
            return exit.status();
        }
    }

    private static void awaitEnd(ExecProcess process, Client client) throws IOException {
        try {
            var _ = CompletableFuture.anyOf(process.exit(), client.gone()).join();
        } catch (CompletionException lost) {
            return; // process.ended() says what was lost
        }
        if (!process.exit().isDone()) {
            throw new IOException("killed, as its client is gone: " + client.gone().join());
        }
    }

    private static void join(Thread pump) throws IOException {
        try {
            pump.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while its output was sent", stop);
        }
    }

    /** Output to the client; what the client does not take any more is read and dropped. */
    private static Thread pump(PolledFd from, Sink to, String name) {
        return Thread.ofVirtual()
                .name(name)
                .start(
                        () -> {
                            var bytes = new byte[COPY_BYTES];
                            var buffer = ByteBuffer.wrap(bytes);
                            boolean wanted = true;
                            try {
                                while (from.read(buffer.clear()) >= 0) {
                                    wanted = wanted && sent(to, bytes, buffer.position());
                                }
                            } catch (IOException closed) {
                                LOG.log(Logger.Level.DEBUG, "{0}: {1}", name, closed.getMessage());
                            }
                        });
    }

    private static boolean sent(Sink to, byte[] bytes, int length) {
        try {
            to.write(bytes, length);
            return true;
        } catch (IOException gone) {
            LOG.log(Logger.Level.DEBUG, gone.getMessage());
            return false;
        }
    }

    private static void feed(ExecProcess process, Client client) {
        try {
            var bytes = new byte[COPY_BYTES];
            for (int n = client.readStdin(bytes); n >= 0; n = client.readStdin(bytes)) {
                process.writeStdin(bytes, n);
            }
            process.closeStdin();
        } catch (IOException | ShimException ended) {
            LOG.log(Logger.Level.DEBUG, "{0} stdin: {1}", process.id(), ended.getMessage());
        }
    }

    private static void follow(ExecProcess process, Client client) {
        try {
            for (var size = client.nextSize(); size.isPresent(); size = client.nextSize()) {
                process.resize(size.get().width(), size.get().height());
            }
        } catch (IOException | ShimException ended) {
            LOG.log(Logger.Level.DEBUG, "{0} size: {1}", process.id(), ended.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
