package io.berth.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySessionStatus;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The streams of a SPDY/3.1 connection as Kubernetes' clients speak it: the client opens all of
 * them, windows are not kept (they never send WINDOW_UPDATE), pings are echoed. Lives on the event
 * loop.
 */
final class SpdyStreams extends SimpleChannelInboundHandler<SpdyFrame> {
    private static final int DATA_BYTES = 16 << 10;
    private static final int HEADER_BYTES = 16 << 10;
    private static final int STREAMS = 512;

    private final Connection connection;
    private final Opened opened;
    private final Map<Integer, Stream> streams = new HashMap<>();
    private int lastId;

    /** Told of each stream that a client opens, before anything arrives on it. */
    interface Opened {
        /** Whether the stream is accepted. */
        boolean stream(ClientChannel stream, int id, Headers headers);
    }

    /** Headers of a stream by lower-case name; an absent one is empty. */
    interface Headers {
        String get(String name);
    }

    SpdyStreams(Connection connection, Opened opened) {
        this.connection = connection;
        this.opened = opened;
    }

    /** Turns bytes into frames of bounded size and back. */
    static ChannelHandler codec() {
        return new SpdyFrameCodec(SpdyVersion.SPDY_3_1, DATA_BYTES, HEADER_BYTES, 6, 15, 8, false) {
            // After a close the codec has given back its buffers, and must not take new ones.
            @Override
            protected void decode(ChannelHandlerContext from, ByteBuf in, List<Object> out)
                    throws Exception {
                if (from.channel().isOpen()) {
                    super.decode(from, in, out);
                } else {
                    in.skipBytes(in.readableBytes());
                }
            }
        };
    }

    /** The frame that says that all is over. */
    static Object farewell() {
        return new DefaultSpdyGoAwayFrame(0, SpdySessionStatus.OK);
    }

    /** One stream; its two flags are kept by the event loop, save {@code closed} for writers. */
    private final class Stream extends ClientChannel {
        private final int id;
        private volatile boolean closed;
        private boolean inputEnded;

        Stream(int id) {
            this.id = id;
        }

        @Override
        void write(byte[] bytes, int length) throws IOException {
            for (int from = 0; from < length && !closed; from += DATA_BYTES) {
                int part = Math.min(DATA_BYTES, length - from);
                connection.send(
                        new DefaultSpdyDataFrame(id, Unpooled.copiedBuffer(bytes, from, part)));
            }
        }

        @Override
        void end() throws IOException {
            if (!closed) {
                closed = true;
                var last = new DefaultSpdyDataFrame(id, Unpooled.EMPTY_BUFFER);
                last.setLast(true);
                connection.send(last);
                connection.onLoop(() -> forget(this));
            }
        }

        @Override
        void release() {
            closed = true;
            connection.onLoop(() -> streams.remove(id));
        }
    }

    private void forget(Stream stream) {
        if (stream.closed && stream.inputEnded) {
            streams.remove(stream.id);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext to, SpdyFrame frame) {
        switch (frame) {
            case SpdySynStreamFrame open -> open(to, open);
            case SpdyDataFrame data -> data(data);
            case SpdyRstStreamFrame reset -> reset(reset.streamId());
            case SpdyPingFrame ping -> {
                if (ping.id() % 2 != 0) { // a client's own; what we send none of has even numbers
                    connection.answer(to, () -> frame);
                }
            }
            default -> {
                // SETTINGS, WINDOW_UPDATE, HEADERS, GOAWAY change nothing for us.
            }
        }
    }

    private void open(ChannelHandlerContext to, SpdySynStreamFrame frame) {
        int id = frame.streamId();
        if (id % 2 == 0 || id <= lastId || frame.isInvalid() || frame.isTruncated()) {
            refuse(to, id, SpdyStreamStatus.PROTOCOL_ERROR);
            return;
        }
        lastId = id;
        if (streams.size() >= STREAMS) {
            refuse(to, id, SpdyStreamStatus.REFUSED_STREAM);
            return;
        }
        var stream = new Stream(id);
        // Queued before anybody can write to the stream: data that comes first is not taken.
        connection.answer(
                to,
                () -> streams.containsKey(id) || stream.inputEnded ? accepted(id) : refused(id));
        if (!opened.stream(stream, id, name -> header(frame, name))) {
            return;
        }
        streams.put(id, stream);
        if (frame.isLast()) {
            endInput(stream);
        }
    }

    private static String header(SpdySynStreamFrame frame, String name) {
        var value = frame.headers().getAsString(name);
        return value == null ? "" : value;
    }

    private static SpdyFrame accepted(int id) {
        var reply = new DefaultSpdySynReplyFrame(id);
        // Without any header the block is encoded as empty, which Go's client waits on for ever.
        reply.headers().set("server", "berth");
        return reply;
    }

    private static SpdyFrame refused(int id) {
        return new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.REFUSED_STREAM);
    }

    private void refuse(ChannelHandlerContext to, int id, SpdyStreamStatus why) {
        connection.answer(to, () -> new DefaultSpdyRstStreamFrame(id, why));
    }

    private void data(SpdyDataFrame frame) {
        var stream = streams.get(frame.streamId());
        if (stream == null || stream.inputEnded) {
            return; // we have closed it and the client does not know yet
        }
        if (frame.content().isReadable()) {
            stream.input().data(ByteBufUtil.getBytes(frame.content()));
        }
        if (frame.isLast()) {
            endInput(stream);
        }
    }

    private void endInput(Stream stream) {
        stream.inputEnded = true;
        stream.input().end();
        forget(stream);
    }

    private void reset(int id) {
        var stream = streams.remove(id);
        if (stream != null) {
            stream.closed = true;
            if (!stream.inputEnded) {
                stream.inputEnded = true;
                stream.input().end();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) throws Exception {
        streams.values().forEach(stream -> stream.input().fail(connection.lost()));
        streams.clear();
        super.channelInactive(from);
    }
}
