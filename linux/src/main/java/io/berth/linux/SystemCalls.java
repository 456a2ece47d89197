package io.berth.linux;

import java.io.IOException;

/**
 * What a thread does inside a namespace: calls of {@link Linux} and nothing else. No locks, no
 * queues, no logging, nothing that could start or wake another thread.
 */
@FunctionalInterface
public interface SystemCalls<T> {
    /** Makes the calls. */
    T run() throws IOException;
}
