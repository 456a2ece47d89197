package io.berth.shimclient.ttrpc;

import io.berth.linux.foreign.MemoryBudget;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.channels.ByteChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One client's connection. A call that has come in is handled even if the client leaves before its
 * answer: an event must not be lost because its shim was in a hurry. At most so many of its calls
 * run as it is allowed; then it is not read, so that it waits and nobody else.
 */
final class ServerConnection {
    private static final System.Logger LOG = System.getLogger(ServerConnection.class.getName());
    static final int MAX_CALLS = 64;

    private final ByteChannel channel;
    private final Function<RequestMessage, ResponseMessage> answer;
    private final Consumer<ServerConnection> ended;
    private final Semaphore calls;
    private final MemoryBudget memory;
    private final ReentrantLock writing = new ReentrantLock();
    private final ExecutorService handlers;

    /** Client streams must rise; read by the reading thread alone. */
    private int lastStreamId = -1;

    ServerConnection(
            ByteChannel channel,
            ExecutorService handlers,
            Function<RequestMessage, ResponseMessage> answer,
            Consumer<ServerConnection> ended,
            int maxCalls,
            MemoryBudget memory) {
        this.memory = memory;
        this.calls = new Semaphore(maxCalls);
        this.channel = channel;
        this.handlers = handlers;
        this.answer = answer;
        this.ended = ended;
    }

    void start() {
        Thread.ofVirtual().name("ttrpc-serve").start(this::readFrames);
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "ttrpc: close: " + e.getMessage());
        }
        ended.accept(this);
    }

    private void readFrames() {
        var reader = new FrameReader(channel, memory);
        try {
            for (var frame = reader.read(); frame.isPresent(); frame = reader.read()) {
                accept(frame.get());
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "ttrpc: client cut off: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "ttrpc: server closes");
        } finally {
            close();
        }
    }

    private void accept(Incoming incoming) throws IOException, InterruptedException {
        boolean handed = false;
        try {
            handed = handed(incoming);
        } finally {
            if (!handed) {
                incoming.close();
            }
        }
    }

    /** Hands a request to its handler, which then closes it; false if it was refused. */
    private boolean handed(Incoming incoming) throws IOException, InterruptedException {
        var frame = incoming.frame();
        int streamId = frame.streamId();
        if (frame.type() != Frame.REQUEST || streamId % 2 != 1 || streamId <= lastStreamId) {
            throw new ProtocolException(
                    "ttrpc frame: type %d on stream %s after %d, a request on a new odd one wanted"
                            .formatted(
                                    frame.type(),
                                    Integer.toUnsignedString(streamId),
                                    lastStreamId));
        }
        lastStreamId = streamId;
        if (incoming.refusal().isPresent()) {
            var why = String.valueOf(incoming.refusal().get().getMessage());
            write(streamId, ResponseMessage.failed(StatusCode.RESOURCE_EXHAUSTED, why));
            return false;
        }
        var request = RequestMessage.decode(frame.payload());
        calls.acquire();
        handlers.execute(
                () -> {
                    try {
                        var response = answerInTime(request);
                        incoming.close();
                        write(streamId, response);
                    } finally {
                        incoming.close();
                        calls.release();
                    }
                });
        return true;
    }

    /** A client's deadline is kept here too: its handler is interrupted, not waited for. */
    private ResponseMessage answerInTime(RequestMessage request) {
        if (request.timeoutNanos() <= 0) {
            return answer.apply(request);
        }
        var work = new FutureTask<>(() -> answer.apply(request));
        try {
            handlers.execute(work);
            return work.get(request.timeoutNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            work.cancel(true);
            return ResponseMessage.failed(
                    StatusCode.DEADLINE_EXCEEDED, request.method() + ": deadline passed");
        } catch (RejectedExecutionException e) {
            return ResponseMessage.failed(StatusCode.CANCELLED, "server closes");
        } catch (InterruptedException e) {
            work.cancel(true);
            Thread.currentThread().interrupt();
            return ResponseMessage.failed(StatusCode.CANCELLED, "server closes");
        } catch (ExecutionException e) {
            LOG.log(System.Logger.Level.ERROR, request.method() + " has a bug", e.getCause());
            return ResponseMessage.failed(StatusCode.INTERNAL, String.valueOf(e.getCause()));
        }
    }

    private void write(int streamId, ResponseMessage response) {
        var bytes = response.encode();
        if (bytes.size() > Frame.MAX_PAYLOAD_BYTES) {
            bytes =
                    ResponseMessage.failed(
                                    StatusCode.RESOURCE_EXHAUSTED,
                                    "answer of %d bytes, at most %d wanted"
                                            .formatted(bytes.size(), Frame.MAX_PAYLOAD_BYTES))
                            .encode();
        }
        var frame = Frame.response(streamId, bytes).encode();
        writing.lock();
        try {
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "ttrpc: answer lost: " + e.getMessage());
            close();
        } finally {
            writing.unlock();
        }
    }
}
