package io.berth.shimclient.shim;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.berth.linux.step.Steps;
import io.berth.shimclient.ttrpc.StatusCode;
import io.berth.shimclient.ttrpc.TtrpcClient;
import io.berth.shimclient.ttrpc.TtrpcException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The connection to one shim, made again when it breaks under a live process, and the one place
 * that tells a broken connection from a death.
 */
final class ShimLink implements AutoCloseable {
    /** A dying process closes its connections a moment before the kernel reports its end. */
    private static final Duration DEATH_GRACE = Duration.ofSeconds(1);

    private static final int READ_ATTEMPTS = 2;

    private final String shim;
    private final Bootstrap bootstrap;
    private final ShimSettings settings;
    private final CountDownLatch gone = new CountDownLatch(1);

    /** Guards the two below. */
    private final ReentrantLock lock = new ReentrantLock();

    private TtrpcClient client;
    private boolean closed;

    ShimLink(String shim, Bootstrap bootstrap, ShimSettings settings, TtrpcClient client) {
        this.shim = shim;
        this.bootstrap = bootstrap;
        this.settings = settings;
        this.client = client;
    }

    static TtrpcClient connect(Bootstrap bootstrap, ShimSettings settings) {
        return TtrpcClient.connect(
                bootstrap.socket(), Map.of("containerd-namespace-ttrpc", settings.namespace()));
    }

    Bootstrap bootstrap() {
        return bootstrap;
    }

    boolean isAlive() {
        return gone.getCount() > 0;
    }

    /** To be called when the kernel has said so: every call in progress ends with ShimLost. */
    void processIsGone() {
        gone.countDown();
        dropConnection();
    }

    /** Whether the process ends within {@code timeout}. */
    boolean awaitDeath(Duration timeout) {
        try {
            return gone.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !isAlive();
        }
    }

    /**
     * Calls the shim. A call that changes nothing is made once more on a new connection; another
     * one is not, since nobody knows whether it was done.
     */
    <R extends MessageLite> R call(
            TaskMethod method, String subject, MessageLite request, Parser<R> answer) {
        return call(method, subject, request, answer, method.timeout(settings.timeouts()));
    }

    /** The same with a timeout of the caller's. */
    <R extends MessageLite> R call(
            TaskMethod method,
            String subject,
            MessageLite request,
            Parser<R> answer,
            Duration timeout) {
        var what = "shim %s: %s %s".formatted(shim, method.wireName(), subject);
        if (method.changes()) {
            Steps.require(what);
        }
        int attempts = method.changes() ? 1 : READ_ATTEMPTS;
        while (true) {
            try {
                return connection(what)
                        .call(
                                bootstrap.version().service(),
                                method.wireName(),
                                request,
                                answer,
                                timeout);
            } catch (TtrpcException.Closed e) {
                attempts--;
                if (isGivenUp() || awaitDeath(DEATH_GRACE) || attempts == 0) {
                    throw translate(what, e);
                }
            } catch (TtrpcException e) {
                throw translate(what, e);
            }
        }
    }

    /** Waits for the answer as long as the shim lives, over as many connections as it takes. */
    <R extends MessageLite> R callWithoutDeadline(
            String method, String subject, MessageLite request, Parser<R> answer) {
        var what = "shim %s: %s %s".formatted(shim, method, subject);
        while (true) {
            try {
                return connection(what)
                        .callWithoutDeadline(
                                bootstrap.version().service(), method, request, answer);
            } catch (TtrpcException.Closed e) {
                if (isGivenUp() || awaitDeath(DEATH_GRACE)) {
                    throw translate(what, e);
                }
            } catch (TtrpcException e) {
                throw translate(what, e);
            }
        }
    }

    private TtrpcClient connection(String what) {
        lock.lock();
        try {
            if (!isAlive()) {
                throw new ShimException.ShimLost(what + ": the shim's process is gone", null);
            }
            if (closed) {
                throw new ShimException.GivenUp(what + ": connection closed by this side", null);
            }
            if (!client.isOpen()) {
                client = connect(bootstrap, settings);
            }
            return client;
        } finally {
            lock.unlock();
        }
    }

    private ShimException translate(String what, TtrpcException failure) {
        if (!isAlive()) {
            return new ShimException.ShimLost(what + ": the shim's process is gone", failure);
        }
        return switch (failure) {
            case TtrpcException.Refused refused -> translate(what, refused);
            case TtrpcException.Closed e ->
                    isGivenUp()
                            ? new ShimException.GivenUp(what + ": given up: " + e.getMessage(), e)
                            : new ShimException.Failed(
                                    what + ": connection lost, the shim lives: " + e.getMessage(),
                                    e);
            case TtrpcException.DeadlinePassed e ->
                    new ShimException.TimedOut(what + ": " + e.getMessage(), e);
            case TtrpcException.Interrupted e ->
                    new ShimException.GivenUp(what + ": interrupted while it waited", e);
        };
    }

    static ShimException translate(String what, TtrpcException.Refused refused) {
        var message = what + ": " + refused.getMessage();
        var code = refused.code();
        if (code == StatusCode.NOT_FOUND) {
            return new ShimException.NotFound(message, refused);
        }
        if (code == StatusCode.ALREADY_EXISTS) {
            return new ShimException.AlreadyExists(message, refused);
        }
        if (code == StatusCode.DEADLINE_EXCEEDED || code == StatusCode.CANCELLED) {
            return new ShimException.TimedOut(message, refused);
        }
        return new ShimException.Failed(message, refused);
    }

    /** Whether it is this side that wants no answer any more. */
    private boolean isGivenUp() {
        lock.lock();
        try {
            return closed || Thread.currentThread().isInterrupted();
        } finally {
            lock.unlock();
        }
    }

    private void dropConnection() {
        lock.lock();
        try {
            client.close();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            client.close();
        } finally {
            lock.unlock();
        }
    }
}
