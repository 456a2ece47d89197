package io.berth.daemon.cri.admin;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that a client streams, as a stream to read. Asks for the next chunk when one has been
 * read, so that no more than those asked for are held.
 */
final class Chunks extends InputStream {

    private sealed interface Item {
        record Bytes(ByteString bytes) implements Item {}

        record End() implements Item {}

        record Broken(String reason) implements Item {}
    }

    private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private final Runnable askForNext;
    private @Nullable InputStream chunk;
    private @Nullable Item last;

    /**
     * @param askForNext asks the client's side for one more chunk
     */
    Chunks(Runnable askForNext) {
        this.askForNext = askForNext;
    }

    /** A chunk has come. */
    void add(ByteString bytes) {
        items.add(new Item.Bytes(bytes));
    }

    /** The client has sent all. */
    void end() {
        items.add(new Item.End());
    }

    /** No more will come, and not all has. */
    void fail(String reason) {
        items.add(new Item.Broken(reason));
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (true) {
            var reading = chunk;
            if (reading != null) {
                int count = reading.read(target, offset, length);
                if (count > 0) {
                    return count;
                }
                chunk = null;
                askForNext.run();
            }
            switch (next()) {
                case Item.Bytes(var bytes) -> chunk = bytes.newInput();
                case Item.End _ -> {
                    return -1;
                }
                case Item.Broken(var reason) -> throw new IOException("archive: " + reason);
            }
        }
    }

    private Item next() throws IOException {
        var ended = last;
        if (ended != null) {
            return ended;
        }
        try {
            var item = items.take();
            if (!(item instanceof Item.Bytes)) {
                last = item;
            }
            return item;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("archive: the daemon stops", e);
        }
    }
}
