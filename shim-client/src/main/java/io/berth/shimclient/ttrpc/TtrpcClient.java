package io.berth.shimclient.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.foreign.MemoryExhausted;
import java.io.Closeable;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a TTRPC server; calls from many threads share it.
 *
 * <p>A call blocks its caller until the answer, its deadline, an interrupt, or the end of the
 * connection, whichever is first; a peer that reads nothing cannot hold it longer. TTRPC cannot
 * cancel a call, so one given up goes on in the peer until the connection closes. Frames waiting to
 * be written are bounded by {@link #MAX_QUEUED_BYTES}.
 */
public final class TtrpcClient implements Closeable {
    private static final int MAX_QUEUED_BYTES = 8 << 20;

    private final String socket;
    private final ByteChannel channel;
    private final Map<String, String> metadata;
    private final MemoryBudget memory;
    private final Semaphore queueBytes = new Semaphore(MAX_QUEUED_BYTES);
    private final LinkedBlockingQueue<ByteBuffer> queue = new LinkedBlockingQueue<>();

    /** Guards the three fields below, and that ids rise in the order of the queue. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<Integer, CompletableFuture<Answer>> pending = new HashMap<>();
    private int nextStreamId = 1;
    private TtrpcException.@Nullable Closed closed;

    private final Thread writer;

    /** An answer, and the room that its frame takes in memory. */
    private record Answer(ResponseMessage response, Incoming incoming) {}

    private TtrpcClient(
            String socket, ByteChannel channel, Map<String, String> metadata, MemoryBudget memory) {
        this.socket = socket;
        this.channel = channel;
        this.memory = memory;
        this.metadata = Map.copyOf(metadata);
        this.writer = Thread.ofVirtual().name("ttrpc-write").unstarted(this::writeFrames);
    }

    /**
     * Connects at once or not at all: a server whose backlog is full counts as absent.
     *
     * @param metadata sent with every call
     * @throws TtrpcException.Closed if nobody listens there
     */
    public static TtrpcClient connect(Path socket, Map<String, String> metadata) {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.configureBlocking(false);
            if (!channel.connect(UnixDomainSocketAddress.of(socket))) {
                throw new IOException("the connection is not made at once");
            }
            channel.configureBlocking(true);
        } catch (IOException | IllegalArgumentException e) {
            closeQuietly(channel, e);
            throw new TtrpcException.Closed(
                    "%s: no connection: %s".formatted(socket, e.getMessage()), e);
        }
        return over(socket.toString(), channel, metadata);
    }

    /**
     * Speaks over a connection that is made already, and closes it in the end.
     *
     * @param name what messages call the connection
     */
    public static TtrpcClient over(String name, ByteChannel channel, Map<String, String> metadata) {
        return over(name, channel, metadata, MemoryBudget.ofThisHeap());
    }

    /**
     * As the other, with another budget.
     *
     * @param memory has room for answers until they are parsed
     */
    static TtrpcClient over(
            String name, ByteChannel channel, Map<String, String> metadata, MemoryBudget memory) {
        var client = new TtrpcClient(name, channel, metadata, memory);
        client.writer.start();
        Thread.ofVirtual().name("ttrpc-read").start(client::readFrames);
        return client;
    }

    /**
     * Calls and waits at most {@code timeout}, which the server is told.
     *
     * @throws TtrpcException for every way not to have an answer
     * @throws MemoryExhausted if the answer has come and there is no room for it in memory
     */
    public <R extends MessageLite> R call(
            String service,
            String method,
            MessageLite request,
            Parser<R> answer,
            Duration timeout) {
        long nanos = Math.max(1, saturatedNanos(timeout));
        return call(service, method, request, answer, nanos);
    }

    /** Calls and waits until the connection ends; for calls that last as long as a container. */
    public <R extends MessageLite> R callWithoutDeadline(
            String service, String method, MessageLite request, Parser<R> answer) {
        return call(service, method, request, answer, 0);
    }

    /** False once the connection has ended; it never comes back. */
    public boolean isOpen() {
        lock.lock();
        try {
            return closed == null;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the connection; calls in progress throw {@link TtrpcException.Closed}. */
    @Override
    public void close() {
        end(new TtrpcException.Closed(socket + ": connection closed by this side", null));
    }

    private <R extends MessageLite> R call(
            String service, String method, MessageLite request, Parser<R> answer, long nanos) {
        long started = System.nanoTime();
        var name = "%s: %s/%s".formatted(socket, service, method);
        var message = new RequestMessage(service, method, request.toByteString(), nanos, metadata);
        var bytes = message.encode();
        if (bytes.size() > Frame.MAX_PAYLOAD_BYTES) {
            throw new TtrpcException.Refused(
                    StatusCode.RESOURCE_EXHAUSTED,
                    "%s: request of %d bytes, at most %d wanted"
                            .formatted(name, bytes.size(), Frame.MAX_PAYLOAD_BYTES));
        }
        int streamId = 0;
        var future = new CompletableFuture<Answer>();
        try {
            int size = bytes.size() + Frame.HEADER_BYTES;
            if (nanos == 0) {
                queueBytes.acquire(size);
            } else if (!queueBytes.tryAcquire(size, nanos, TimeUnit.NANOSECONDS)) {
                throw deadlinePassed(name, nanos);
            }
            streamId = enqueue(bytes, future);
            var answered =
                    nanos == 0
                            ? future.get()
                            : future.get(
                                    Math.max(1, nanos - (System.nanoTime() - started)),
                                    TimeUnit.NANOSECONDS);
            var response = answered.response();
            if (response.code() != 0) {
                throw new TtrpcException.Refused(
                        StatusCode.of(response.code()), response.message());
            }
            return answer.parseFrom(response.payload());
        } catch (TimeoutException e) {
            throw deadlinePassed(name, nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TtrpcException.Interrupted(name + ": interrupted while it waited", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof MemoryExhausted full) {
                throw full;
            }
            throw new TtrpcException.Closed(name + ": no answer: " + reason(e), e.getCause());
        } catch (InvalidProtocolBufferException e) {
            throw new TtrpcException.Refused(
                    StatusCode.DATA_LOSS, name + ": answer is no such message: " + e.getMessage());
        } finally {
            forget(streamId);
            // An answer that comes in this moment gives its room back too.
            var _ = future.thenAccept(late -> late.incoming().close());
        }
    }

    private int enqueue(ByteString bytes, CompletableFuture<Answer> future) {
        lock.lock();
        try {
            if (nextStreamId < 0) {
                end(new TtrpcException.Closed(socket + ": stream ids used up", null));
            }
            if (closed != null) {
                queueBytes.release(bytes.size() + Frame.HEADER_BYTES);
                throw new TtrpcException.Closed(String.valueOf(closed.getMessage()), closed);
            }
            int streamId = nextStreamId;
            nextStreamId += 2;
            pending.put(streamId, future);
            queue.add(Frame.request(streamId, bytes).encode());
            return streamId;
        } finally {
            lock.unlock();
        }
    }

    private void forget(int streamId) {
        lock.lock();
        try {
            pending.remove(streamId);
        } finally {
            lock.unlock();
        }
    }

    private void writeFrames() {
        try {
            while (true) {
                var frame = queue.take();
                int size = frame.remaining();
                while (frame.hasRemaining()) {
                    channel.write(frame);
                }
                queueBytes.release(size);
            }
        } catch (IOException e) {
            end(new TtrpcException.Closed(socket + ": connection lost: " + e.getMessage(), e));
        } catch (InterruptedException e) {
            // end() interrupts this thread when the connection is over
        }
    }

    private void readFrames() {
        var reader = new FrameReader(channel, memory);
        try {
            for (var frame = reader.read(); frame.isPresent(); frame = reader.read()) {
                accept(frame.get());
            }
            end(new TtrpcException.Closed(socket + ": connection closed by the server", null));
        } catch (IOException e) {
            end(new TtrpcException.Closed(socket + ": connection lost: " + e.getMessage(), e));
        }
    }

    private void accept(Incoming incoming) throws IOException {
        try {
            var frame = incoming.frame();
            var response = ResponseMessage.decode(frame.payload());
            var future = answered(frame);
            if (future == null) { // the caller has given up
                incoming.close();
            } else if (incoming.refusal().isPresent()) {
                future.completeExceptionally(incoming.refusal().get());
            } else {
                future.complete(new Answer(response, incoming));
            }
        } catch (IOException | RuntimeException broken) {
            incoming.close();
            throw broken;
        }
    }

    /** The call that a frame answers, which is pending no longer; null if nobody waits for it. */
    private @Nullable CompletableFuture<Answer> answered(Frame frame) throws ProtocolException {
        lock.lock();
        try {
            boolean ours = frame.streamId() % 2 == 1 && frame.streamId() < nextStreamId;
            if (frame.type() != Frame.RESPONSE || !ours) {
                throw new ProtocolException(
                        "ttrpc frame: type %d on stream %s, a response to a call of ours wanted"
                                .formatted(
                                        frame.type(), Integer.toUnsignedString(frame.streamId())));
            }
            return pending.remove(frame.streamId());
        } finally {
            lock.unlock();
        }
    }

    private void end(TtrpcException.Closed reason) {
        List<CompletableFuture<Answer>> cut;
        lock.lock();
        try {
            if (closed != null) {
                return;
            }
            closed = reason;
            cut = List.copyOf(pending.values());
            pending.clear();
        } finally {
            lock.unlock();
        }
        closeQuietly(channel, reason);
        queueBytes.release(MAX_QUEUED_BYTES); // whoever waits for room now learns of the end
        writer.interrupt();
        cut.forEach(call -> call.completeExceptionally(reason));
    }

    private static void closeQuietly(@Nullable ByteChannel channel, Throwable reason) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    private static TtrpcException deadlinePassed(String name, long nanos) {
        return new TtrpcException.DeadlinePassed(
                "%s: no answer within %s".formatted(name, Duration.ofNanos(nanos)));
    }

    private static String reason(ExecutionException e) {
        var cause = e.getCause();
        return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
    }

    private static long saturatedNanos(Duration timeout) {
        return timeout.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0
                ? Long.MAX_VALUE
                : timeout.toNanos();
    }
}
