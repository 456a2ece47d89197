package io.berth.streaming;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundInvoker;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One client's connection, below its streams: the pace of both directions, and its end.
 *
 * <p>Input that waits to be read is bounded by not reading on from the socket; since SPDY as
 * Kubernetes speaks it has no windows that count, that is for all streams of the connection. While
 * it does not read, a client's departure is looked for in the kernel's state of the connection.
 */
final class Connection {
    private static final Logger LOG = System.getLogger(Connection.class.getName());

    /** Reading goes on when this part of what may wait is left. */
    private static final int RESUME_PART = 4;

    /** What may wait for the client, as a part of what may wait from it. */
    private static final int OUTPUT_PART = 2;

    private static final long LOOK_SECONDS = 2;

    /** From how many waiting answers on nothing is read, and until how many. */
    private static final int PAUSE_ANSWERS = 256;

    private static final int RESUME_ANSWERS = 64;

    /** More than one read of the socket can ask for beside those. */
    private static final int MOST_ANSWERS = 4096;

    /** How long a client that is told the end may take nothing. */
    private static final Duration STALLED = Duration.ofSeconds(30);

    /** TCP_ESTABLISHED (net/tcp_states.h): neither side has closed. */
    private static final int ESTABLISHED = 1;

    /** How long a client may take to close after it was told that all is over. */
    private static final long LINGER_SECONDS = 5;

    private final Channel channel;
    private final Sessions sessions;
    private final CompletableFuture<String> gone = new CompletableFuture<>();
    private final Set<Closeable> tied = new HashSet<>();
    private long waiting;
    private boolean paused;

    /** Answers that have not left; of the event loop. */
    private int answers;

    private boolean over;
    private volatile long active = System.nanoTime();

    Connection(Channel channel, Sessions sessions) {
        this.channel = channel;
        this.sessions = sessions;
    }

    /** Does a part of what this client came for on a thread of its own. */
    void work(String name, Runnable part) {
        sessions.work(name, part);
    }

    /** Completes, with the reason, when the client can be reached no more. */
    CompletableFuture<String> gone() {
        return gone;
    }

    /** Closes the connection when nothing but pings has passed for so long. */
    void limitIdle(Duration timeout) {
        long left = timeout.toNanos() - (System.nanoTime() - active);
        if (left <= 0) {
            abort("nothing was carried for %d s".formatted(timeout.toSeconds()));
        } else if (!gone.isDone()) {
            // Not beyond the client: what waits for hours would keep the connection in memory.
            later(() -> limitIdle(timeout), Duration.ofNanos(left).plusMillis(1));
        }
    }

    /**
     * Sends a frame, when what was sent before has left far enough.
     *
     * @throws IOException once the client is gone; the frame is released
     */
    void send(Object frame) throws IOException {
        synchronized (this) {
            try {
                while (!channel.isWritable() && !over) {
                    wait();
                }
            } catch (InterruptedException stop) {
                ReferenceCountUtil.release(frame);
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("sending output").initCause(stop);
            }
            if (over) {
                ReferenceCountUtil.release(frame);
                throw lost();
            }
        }
        active = System.nanoTime();
        var _ = channel.writeAndFlush(frame, channel.voidPromise());
    }

    /** The client has shown a token; false if no further client is served. */
    boolean acquaint() {
        if (!sessions.acquaint(this)) {
            return false;
        }
        int output = sessions.share() / OUTPUT_PART;
        channel.config()
                .setWriteBufferWaterMark(new WriteBufferWaterMark(output / RESUME_PART, output));
        return true;
    }

    /** Sends a small frame without waiting; on the event loop, and once a session. */
    void tell(Object frame) {
        var _ = channel.writeAndFlush(frame, channel.voidPromise());
    }

    /**
     * Sends a frame that answers one of the client's, once what has arrived is decoded: a socket
     * that refuses it is closed at once, with the decoder, which must not be in the midst of its
     * work then. A client that takes none of its answers is not read from until it does; one that
     * has sent far more than that by then is given up. On the event loop.
     */
    void answer(ChannelOutboundInvoker to, Supplier<Object> frame) {
        answers++;
        if (answers > MOST_ANSWERS) {
            onLoop(() -> abort("it takes none of the answers that it asks for"));
            return;
        }
        if (answers == PAUSE_ANSWERS) {
            applyPace();
        }
        onLoop(
                () -> {
                    var _ = to.writeAndFlush(frame.get()).addListener(_ -> answered());
                });
    }

    private void answered() {
        answers--;
        if (answers == RESUME_ANSWERS) {
            applyPace();
        }
    }

    IOException lost() {
        return new IOException("client: gone: " + gone.getNow("its session is over"));
    }

    /** The socket takes more, or nothing ever again. */
    synchronized void writabilityChanged() {
        notifyAll();
    }

    /** Input came and waits; on the event loop. */
    void buffered(int bytes) {
        active = System.nanoTime();
        pace(bytes);
    }

    /** Input that waited was read or dropped. */
    void consumed(int bytes) {
        if (bytes > 0) {
            pace(-bytes);
        }
    }

    private void pace(int bytes) {
        boolean change;
        long share = sessions.share();
        synchronized (this) {
            waiting += bytes;
            change = paused ? waiting <= share / RESUME_PART : waiting > share;
        }
        if (change) {
            if (channel.eventLoop().inEventLoop()) {
                applyPace();
            } else {
                channel.eventLoop().execute(this::applyPace);
            }
        }
    }

    private void applyPace() {
        boolean pause;
        long share = sessions.share();
        synchronized (this) {
            pause = paused ? waiting > share / RESUME_PART : waiting > share;
            pause |= answers > (paused ? RESUME_ANSWERS : PAUSE_ANSWERS - 1);
            if (pause == paused) {
                return;
            }
            paused = pause;
        }
        channel.config().setAutoRead(!pause);
        if (pause) {
            lookForDeparture();
        }
    }

    /** A paused socket tells nothing of its end by itself. */
    private void lookForDeparture() {
        synchronized (this) {
            if (!paused || over) {
                return;
            }
        }
        if (channel instanceof EpollSocketChannel socket
                && socket.isActive()
                && socket.tcpInfo().state() != ESTABLISHED) {
            abort("it has left while its input waited");
            return;
        }
        var _ =
                channel.eventLoop()
                        .schedule(this::lookForDeparture, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    /** Runs a task on the connection's event loop. */
    void onLoop(Runnable task) {
        channel.eventLoop().execute(task);
    }

    /** Runs a task there in a while, if the client is still there. */
    void later(Runnable task, Duration delay) {
        var waiting = channel.eventLoop().schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        var _ = channel.closeFuture().addListener(_ -> waiting.cancel(false));
    }

    /** Closes something when the client goes; at once if it has. */
    void tie(Closeable thing) throws IOException {
        synchronized (this) {
            if (!over) {
                tied.add(thing);
                return;
            }
        }
        thing.close();
        throw lost();
    }

    synchronized void untie(Closeable thing) {
        tied.remove(thing);
    }

    /** The client can be reached no more; closes what is tied to it. Once. */
    void ended(String why) {
        List<Closeable> closing;
        synchronized (this) {
            over = true;
            closing = List.copyOf(tied);
            tied.clear();
            notifyAll();
        }
        for (var each : closing) {
            try {
                each.close();
            } catch (IOException stays) {
                LOG.log(Logger.Level.WARNING, "client gone, closing: {0}", stays.getMessage());
            }
        }
        var _ = gone.complete(why);
    }

    /** Closes at once. */
    void abort(String why) {
        ended(why);
        var _ = channel.close();
    }

    /**
     * Closes after a last frame. The client reads everything that was sent, since it is left to it
     * to close first, for a few seconds.
     */
    void finish(Object lastFrame) {
        finish(channel, lastFrame);
    }

    /**
     * As the other, for a frame of a protocol below the session's own.
     *
     * @param to where in the pipeline the frame is written
     */
    void finish(ChannelOutboundInvoker to, Object lastFrame) {
        channel.eventLoop()
                .execute(
                        () -> {
                            if (channel.isActive()) {
                                channel.config().setAutoRead(true);
                                var sent = to.writeAndFlush(lastFrame);
                                var _ = sent.addListener(this.linger());
                                endIfStalled(sent, Long.MAX_VALUE);
                            } else {
                                ReferenceCountUtil.release(lastFrame);
                            }
                        });
    }

    /** Closes when nothing of what waits has left since the last look. */
    private void endIfStalled(ChannelFuture last, long before) {
        var buffer = channel.unsafe().outboundBuffer();
        if (last.isDone() || buffer == null) {
            return;
        }
        long left = buffer.totalPendingWriteBytes();
        if (left >= before) {
            abort("it takes nothing of what is left");
        } else {
            later(() -> endIfStalled(last, left), STALLED);
        }
    }

    private ChannelFutureListener linger() {
        return (ChannelFuture sent) -> {
            if (sent.isSuccess()
                    && channel instanceof DuplexChannel socket
                    && channel.pipeline().get(SslHandler.class) == null) {
                var _ = socket.shutdownOutput();
            }
            var closing =
                    channel.eventLoop()
                            .schedule(
                                    () -> {
                                        var _ = channel.close();
                                    },
                                    LINGER_SECONDS,
                                    TimeUnit.SECONDS);
            var _ = channel.closeFuture().addListener(_ -> closing.cancel(false));
        };
    }
}
