package io.berth.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.util.ReferenceCountUtil;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP request that every session begins with: takes its token, agrees on a protocol, and turns
 * the connection into one of SPDY or WebSocket. Lives on the event loop.
 */
final class HttpEntry extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = System.getLogger(HttpEntry.class.getName());
    private static final Pattern PATH =
            Pattern.compile("/(exec|attach|portforward)/([A-Za-z0-9_-]{1,64})/?(?:\\?.*)?");
    private static final Pattern COMMA = Pattern.compile(",");
    private static final String SPDY = "spdy/3.1";

    /** Longest WebSocket frame; clients send a few ten KiB. */
    private static final int FRAME_BYTES = 512 << 10;

    private final StreamSettings settings;
    private final Tokens tokens;
    private final Connection connection;
    private final Upgrades upgrades;
    private @Nullable HttpRequest request;

    HttpEntry(StreamSettings settings, Tokens tokens, StreamTarget target, Connection connection) {
        this.settings = settings;
        this.tokens = tokens;
        this.connection = connection;
        this.upgrades = new Upgrades(settings, target, connection);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        var patience = StreamSettings.STRANGER_TIME;
        connection.later(
                () -> {
                    if (context.pipeline().context(this) != null) {
                        connection.abort(
                                "it showed no token within %d s".formatted(patience.toSeconds()));
                    }
                },
                patience);
        connection.limitIdle(settings.idleTimeout());
        // Stays when this handler has gone: the end and the pace concern every protocol.
        context.pipeline().addLast("ending", new Ending(connection));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof HttpRequest head) {
                if (head.decoderResult().isFailure()) {
                    refuseMalformed(context, head.decoderResult().cause());
                    return;
                }
                request = head;
            }
            var head = request;
            if (message instanceof LastHttpContent && head != null) {
                request = null;
                answer(context, head);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** Nothing follows what the decoder gave up: it is answered at once. */
    private static void refuseMalformed(ChannelHandlerContext context, Throwable why) {
        var status =
                why instanceof TooLongHttpHeaderException
                        ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                        : HttpResponseStatus.BAD_REQUEST;
        refuse(context, status, "malformed request: " + why.getMessage());
    }

    private void answer(ChannelHandlerContext context, HttpRequest head) {
        var path = PATH.matcher(head.uri());
        if (!path.matches()) {
            refuse(context, HttpResponseStatus.NOT_FOUND, "no such stream");
            return;
        }
        var asked = tokens.take(path.group(1), path.group(2));
        if (asked.isEmpty()) {
            refuse(
                    context,
                    HttpResponseStatus.NOT_FOUND,
                    "the stream's token is unknown, used or older than "
                            + "%d s".formatted(StreamSettings.TOKEN_LIFE.toSeconds()));
            return;
        }
        if (!connection.acquaint()) {
            refuse(
                    context,
                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "%d clients are served, at most as many are; try later"
                            .formatted(StreamSettings.CONNECTIONS));
            return;
        }
        var upgrade = head.headers().get(HttpHeaderNames.UPGRADE, "").toLowerCase(Locale.ROOT);
        boolean wanted =
                head.headers()
                        .containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
        if (wanted && upgrade.equals(SPDY)) {
            spdy(context, head, asked.get());
        } else if (wanted && upgrade.equals("websocket")) {
            webSocket(context, head, asked.get());
        } else {
            refuse(
                    context,
                    HttpResponseStatus.BAD_REQUEST,
                    "upgrade: found '%s', wanted SPDY/3.1 or websocket".formatted(upgrade));
        }
    }

    private void spdy(ChannelHandlerContext context, HttpRequest head, StreamRequest asked) {
        var offered = words(head.headers().getAll("X-Stream-Protocol-Version"));
        if (offered.isEmpty()) {
            refuse(
                    context,
                    HttpResponseStatus.BAD_REQUEST,
                    "X-Stream-Protocol-Version: found none, wanted one of "
                            + Upgrades.spdyProtocols(asked));
            return;
        }
        var session = upgrades.spdy(asked, offered);
        if (session.isEmpty()) {
            var refusal =
                    response(
                            HttpResponseStatus.FORBIDDEN,
                            "X-Stream-Protocol-Version: found %s, wanted one of %s"
                                    .formatted(offered, Upgrades.spdyProtocols(asked)));
            refusal.headers()
                    .add("X-Accepted-Stream-Protocol-Versions", Upgrades.spdyProtocols(asked));
            var _ = context.writeAndFlush(refusal).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        var switching =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        switching
                .headers()
                .set(HttpHeaderNames.CONNECTION, "Upgrade")
                .set(HttpHeaderNames.UPGRADE, "SPDY/3.1")
                .set("X-Stream-Protocol-Version", session.get().protocol());
        var _ = context.writeAndFlush(switching, context.voidPromise());
        become(context, List.of(SpdyStreams.codec(), session.get().handler()));
        context.pipeline().remove(HttpServerCodec.class);
        session.get().begin().run();
    }

    private void webSocket(ChannelHandlerContext context, HttpRequest head, StreamRequest asked) {
        var offered = words(head.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
        var session = upgrades.webSocket(asked, offered);
        if (session.isEmpty()) {
            refuse(
                    context,
                    HttpResponseStatus.BAD_REQUEST,
                    "Sec-WebSocket-Protocol: found %s, wanted one of %s"
                            .formatted(offered, Upgrades.webSocketProtocols(asked)));
            return;
        }
        var chosen = session.get().protocol();
        var handshaker =
                new WebSocketServerHandshaker13(
                        "",
                        chosen.isEmpty() ? null : chosen,
                        WebSocketDecoderConfig.newBuilder()
                                .maxFramePayloadLength(FRAME_BYTES)
                                .withUTF8Validator(false)
                                .build());
        var whole =
                new DefaultFullHttpRequest(
                        head.protocolVersion(),
                        head.method(),
                        head.uri(),
                        Unpooled.EMPTY_BUFFER,
                        head.headers(),
                        new DefaultHttpHeaders());
        try {
            var _ =
                    handshaker
                            .handshake(context.channel(), whole)
                            .addListener(
                                    done -> {
                                        if (done.isSuccess()) {
                                            var handlers = new ArrayList<ChannelHandler>();
                                            if (session.get().tunnels()) {
                                                handlers.add(new TunnelCodec(connection));
                                                handlers.add(SpdyStreams.codec());
                                            }
                                            handlers.add(session.get().handler());
                                            become(context, handlers);
                                            session.get().begin().run();
                                        } else {
                                            connection.abort("handshake: " + done.cause());
                                        }
                                    });
        } catch (RuntimeException malformed) { // what the handshaker says of a wrong request
            refuse(context, HttpResponseStatus.BAD_REQUEST, String.valueOf(malformed.getMessage()));
        }
    }

    private void become(ChannelHandlerContext context, List<ChannelHandler> handlers) {
        for (var handler : handlers) {
            context.pipeline().addBefore("ending", null, handler);
        }
        context.pipeline().remove(this);
    }

    /** The words of comma-separated headers. */
    private static List<String> words(List<String> headers) {
        return headers.stream()
                .flatMap(COMMA::splitAsStream)
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static void refuse(
            ChannelHandlerContext context, HttpResponseStatus status, String why) {
        // Anybody may come here, as often as he likes.
        LOG.log(Logger.Level.DEBUG, "client {0}: {1}", context.channel().remoteAddress(), why);
        var _ =
                context.writeAndFlush(response(status, why))
                        .addListener(ChannelFutureListener.CLOSE);
    }

    private static DefaultFullHttpResponse response(HttpResponseStatus status, String text) {
        var body = Unpooled.copiedBuffer(text + "\n", UTF_8);
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        return response;
    }
}
