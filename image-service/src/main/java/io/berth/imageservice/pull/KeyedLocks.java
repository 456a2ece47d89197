package io.berth.imageservice.pull;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** One lock for each key that anybody holds or waits for, and none for the others. */
final class KeyedLocks<K> {

    private final Map<K, Counted> locks = new HashMap<>();

    private static final class Counted {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }

    /** Released by close. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits until nobody else holds {@code key}. */
    Held lock(K key) {
        Counted counted;
        synchronized (locks) {
            counted = locks.computeIfAbsent(key, _ -> new Counted());
            counted.users++;
        }
        counted.lock.lock();
        return () -> {
            counted.lock.unlock();
            synchronized (locks) {
                if (--counted.users == 0) {
                    locks.remove(key);
                }
            }
        };
    }
}
