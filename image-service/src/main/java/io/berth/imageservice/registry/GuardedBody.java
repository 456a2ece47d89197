package io.berth.imageservice.registry;

import io.berth.imageservice.registry.RegistrySettings.Rate;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A body that is given up when it comes too slowly. Only the time that the reader spends waiting
 * counts, so that a slow disk is not the registry's fault.
 *
 * <p>One reader; the guard is a virtual thread that ends with the body.
 */
final class GuardedBody extends InputStream {

    private final InputStream body;
    private final Rate rate;
    private final RegistryHost host;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();

    private long bytes;
    private long waitedNanos;
    private long waitingSince;
    private boolean waiting;
    private boolean over;
    private long stalledBytes = -1;

    GuardedBody(InputStream body, Rate rate, RegistryHost host) {
        this.body = body;
        this.rate = rate;
        this.host = host;
        Thread.ofVirtual().name("registry-guard-" + host.authority()).start(this::guard);
    }

    private void guard() {
        lock.lock();
        try {
            long seenBytes = 0;
            long seenWaited = 0;
            while (!over) {
                if (ended.awaitNanos(rate.window().toNanos()) > 0) {
                    continue;
                }
                long waited = waitedNanos + (waiting ? System.nanoTime() - waitingSince : 0);
                boolean ofTheHost = (waited - seenWaited) * 10 >= rate.window().toNanos() * 9;
                if (!over && ofTheHost && bytes - seenBytes < rate.minimumBytes()) {
                    stalledBytes = bytes - seenBytes;
                    over = true;
                }
                seenBytes = bytes;
                seenWaited = waited;
            }
        } catch (InterruptedException _) {
            return; // nobody interrupts a guard; the body then goes unguarded
        } finally {
            lock.unlock();
        }
        if (stalled()) {
            closeBody();
        }
    }

    private void closeBody() {
        try {
            body.close();
        } catch (IOException unclosed) {
            over = true; // the reader learns of it from its own read
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        before();
        try {
            int count = body.read(into, offset, length);
            after(count);
            if (count < 0 && stalled()) {
                throw tooSlow(null);
            }
            return count;
        } catch (AttemptFailed known) {
            throw known;
        } catch (IOException broken) {
            after(-1);
            if (stalled()) {
                throw tooSlow(broken);
            }
            throw RegistrySession.broken(host, broken);
        }
    }

    private AttemptFailed tooSlow(@Nullable IOException cause) {
        return new AttemptFailed(
                host,
                AttemptFailed.Kind.TRANSIENT,
                "stalled: %d bytes in %d ms, wanted at least %d"
                        .formatted(stalledBytes, rate.window().toMillis(), rate.minimumBytes()),
                cause);
    }

    private boolean stalled() {
        lock.lock();
        try {
            return stalledBytes >= 0;
        } finally {
            lock.unlock();
        }
    }

    private void before() {
        lock.lock();
        try {
            waiting = true;
            waitingSince = System.nanoTime();
        } finally {
            lock.unlock();
        }
    }

    private void after(int count) {
        lock.lock();
        try {
            bytes += Math.max(count, 0);
            waitedNanos += waiting ? System.nanoTime() - waitingSince : 0;
            waiting = false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            over = true;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
        body.close();
    }
}
