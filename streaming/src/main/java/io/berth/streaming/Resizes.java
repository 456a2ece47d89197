package io.berth.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The sizes that a client's terminal takes: JSON objects {@code {"Width":80,"Height":24}}, one
 * after the other. Only the last one counts, so however many come, one is kept. What is no such
 * object is passed over; a longer one than any of them ends the stream.
 */
final class Resizes implements Input {
    private static final int OBJECT_LIMIT = 256;
    private static final Pattern WIDTH = Pattern.compile("(?i)\"width\"\\s*:\\s*(\\d{1,5})\\b");
    private static final Pattern HEIGHT = Pattern.compile("(?i)\"height\"\\s*:\\s*(\\d{1,5})\\b");

    private final byte[] object = new byte[OBJECT_LIMIT];
    private int length;
    private @Nullable TerminalSize latest;
    private boolean ended;

    @Override
    public synchronized void data(byte[] bytes) {
        for (byte each : bytes) {
            if (ended) {
                return;
            }
            if (length == OBJECT_LIMIT) {
                end();
                return;
            }
            object[length++] = each;
            if (each == '}') {
                take(new String(object, 0, length, UTF_8));
                length = 0;
            }
        }
    }

    private void take(String json) {
        var width = WIDTH.matcher(json);
        var height = HEIGHT.matcher(json);
        if (width.find() && height.find()) {
            int columns = Integer.parseInt(width.group(1));
            int rows = Integer.parseInt(height.group(1));
            if (columns <= 0xffff && rows <= 0xffff) {
                latest = new TerminalSize(columns, rows);
                notifyAll();
            }
        }
    }

    @Override
    public synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override
    public void fail(IOException why) {
        end();
    }

    /** The size now, once it is another one than was taken before; empty at the end. */
    synchronized Optional<TerminalSize> next() throws InterruptedException {
        while (latest == null && !ended) {
            wait();
        }
        var size = Optional.ofNullable(latest);
        latest = null;
        return size;
    }
}
