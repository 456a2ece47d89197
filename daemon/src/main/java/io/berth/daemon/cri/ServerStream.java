package io.berth.daemon.cri;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The answer of a call that sends many messages, written by plain code on a thread of its own. A
 * message is handed over only when the client has read what came before, so that what waits here
 * for a slow client is one message.
 */
final class ServerStream<T> {
    private final ServerCallStreamObserver<T> to;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean gone;

    private ServerStream(ServerCallStreamObserver<T> to, Duration patience) {
        this.to = to;
        this.patience = patience;
    }

    /** The client went away, or reads nothing; there is nobody to tell anything to. */
    static final class ClientGone extends Exception {
        private static final long serialVersionUID = 1L;

        ClientGone(String message) {
            super(message);
        }
    }

    /** Plain code that sends messages. */
    @FunctionalInterface
    interface Body<T> {
        void run(ServerStream<T> stream) throws Exception;
    }

    /**
     * Runs {@code body} on its own thread and ends the call with its outcome; returns at once.
     *
     * @param patience how long a client may leave a message unread
     * @param onGone called once when the client goes away; must not block
     */
    static <T> void answer(
            String method, StreamObserver<T> to, Duration patience, Runnable onGone, Body<T> body) {
        var call = (ServerCallStreamObserver<T>) to;
        var stream = new ServerStream<T>(call, patience);
        call.setOnReadyHandler(stream::wake);
        call.setOnCancelHandler(
                () -> {
                    stream.leave();
                    onGone.run();
                });
        Thread.ofVirtual().name("stream-" + method).start(() -> stream.run(method, body));
    }

    private void run(String method, Body<T> body) {
        try {
            body.run(this);
        } catch (ClientGone gone) {
            if (!to.isCancelled()) {
                to.onError(StatusMapper.unread(method, String.valueOf(gone.getMessage())));
            }
            return;
        } catch (Exception | AssertionError failure) {
            to.onError(StatusMapper.of(method, failure));
            return;
        }
        to.onCompleted();
    }

    /** Sends a message once the client has taken those before. */
    void send(T message) throws ClientGone, InterruptedException {
        long left = patience.toNanos();
        lock.lock();
        try {
            while (!gone && !to.isReady()) {
                if (left <= 0) {
                    throw new ClientGone("the client has read nothing for " + patience);
                }
                left = changed.awaitNanos(left);
            }
            if (gone) {
                throw new ClientGone("the client went away");
            }
        } finally {
            lock.unlock();
        }
        to.onNext(message);
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            gone = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
