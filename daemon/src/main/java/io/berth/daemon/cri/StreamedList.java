package io.berth.daemon.cri;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * A list sent in portions: each has at least one item, each item is in exactly one, and the end of
 * the stream is the end of the list. An empty list is an end alone.
 */
final class StreamedList {
    /** Portions end at whichever comes first; one item that is larger goes alone. */
    static final int MAX_ITEMS = 128;

    static final int MAX_BYTES = 1 << 20;

    /** How long a client may leave a portion unread. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private StreamedList() {}

    /** Code that yields the items; they are made while they are sent. */
    @FunctionalInterface
    interface Items<I> {
        Stream<I> get() throws Exception;
    }

    /** Sends messages that the code yields. */
    static <I extends Message, R> void send(
            String method, StreamObserver<R> to, Items<I> items, Function<List<I>, R> portion) {
        send(method, to, items, Message::getSerializedSize, portion);
    }

    /** Sends the bytes of messages that the code yields. */
    static <R> void sendBytes(
            String method,
            StreamObserver<R> to,
            Items<ByteString> items,
            Function<List<ByteString>, R> portion) {
        send(method, to, items, ByteString::size, portion);
    }

    private static <I, R> void send(
            String method,
            StreamObserver<R> to,
            Items<I> items,
            ToIntFunction<I> size,
            Function<List<I>, R> portion) {
        ServerStream.answer(
                method,
                to,
                PATIENCE,
                () -> {},
                stream -> {
                    try (var all = items.get()) {
                        portions(all.iterator(), size, batch -> stream.send(portion.apply(batch)));
                    }
                });
    }

    /** Takes a portion. */
    @FunctionalInterface
    interface Sink<I> {
        void accept(List<I> portion) throws Exception;
    }

    /** Splits items into portions. */
    static <I> void portions(Iterator<I> items, ToIntFunction<I> bytesOf, Sink<I> sink)
            throws Exception {
        var portion = new ArrayList<I>();
        long bytes = 0;
        while (items.hasNext()) {
            var item = items.next();
            int size = bytesOf.applyAsInt(item);
            if (!portion.isEmpty() && (portion.size() >= MAX_ITEMS || bytes + size > MAX_BYTES)) {
                sink.accept(List.copyOf(portion));
                portion.clear();
                bytes = 0;
            }
            portion.add(item);
            bytes += size;
        }
        if (!portion.isEmpty()) {
            sink.accept(List.copyOf(portion));
        }
    }
}
