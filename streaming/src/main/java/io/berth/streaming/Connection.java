package io.berth.streaming;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
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

/**
 * One client's connection, below its streams: the pace of both directions, and its end.
 *
 * <p>Input that waits to be read is bounded by not reading on from the socket; since SPDY as
 * Kubernetes speaks it has no windows that count, that is for all streams of the connection. While
 * it does not read, a client's departure is looked for in the kernel's state of the connection.
 */
final class Connection {
    private static final Logger LOG = System.getLogger(Connection.class.getName());
    private static final long PAUSE_BYTES = 256 << 10;
    private static final long RESUME_BYTES = 64 << 10;
    private static final long LOOK_SECONDS = 2;

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
            abort("nothing was carried for " + timeout);
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

    /** Sends a small frame without waiting; on the event loop. */
    void tell(Object frame) {
        var _ = channel.writeAndFlush(frame, channel.voidPromise());
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
        synchronized (this) {
            waiting += bytes;
            change = paused ? waiting <= RESUME_BYTES : waiting > PAUSE_BYTES;
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
        synchronized (this) {
            pause = paused ? waiting > RESUME_BYTES : waiting > PAUSE_BYTES;
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
        channel.eventLoop()
                .execute(
                        () -> {
                            if (channel.isActive()) {
                                channel.config().setAutoRead(true);
                                var _ = channel.writeAndFlush(lastFrame).addListener(this.linger());
                            } else {
                                ReferenceCountUtil.release(lastFrame);
                            }
                        });
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
