package io.berth.daemon.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.lang.System.Logger;

/** One connection to the metrics port: answers its first request, and ends it. On the loop. */
final class MetricsCall extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = System.getLogger(MetricsCall.class.getName());

    private final Answers answers;
    private boolean answered;

    MetricsCall(Answers answers) {
        this.answers = answers;
    }

    @Override
    public void channelRead(ChannelHandlerContext caller, Object message) {
        try {
            if (message instanceof HttpRequest request && !answered) {
                answered = true;
                answer(caller, request);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void answer(ChannelHandlerContext caller, HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            var status =
                    switch (request.decoderResult().cause()) {
                        case TooLongHttpHeaderException _ ->
                                HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
                        case TooLongHttpLineException _ -> HttpResponseStatus.REQUEST_URI_TOO_LONG;
                        default -> HttpResponseStatus.BAD_REQUEST;
                    };
            say(caller, request, status);
            return;
        }
        var path = path(request.uri());
        if (!path.equals("/") && !path.equals("/metrics")) {
            say(caller, request, HttpResponseStatus.NOT_FOUND);
        } else if (!request.method().equals(HttpMethod.GET)
                && !request.method().equals(HttpMethod.HEAD)) {
            say(caller, request, HttpResponseStatus.METHOD_NOT_ALLOWED);
        } else if (path.equals("/")) {
            var _ = send(caller, request, HttpResponseStatus.OK, "text/html", Answers.frontPage());
        } else {
            var text = answers.metrics();
            var sent =
                    send(
                            caller,
                            request,
                            HttpResponseStatus.OK,
                            "text/plain; version=0.0.4; charset=utf-8",
                            text.body());
            var _ = sent.addListener(_ -> text.room().close());
        }
    }

    /** The path of a request in either form, {@code /PATH} or {@code http://HOST/PATH}. */
    private static String path(String uri) {
        int host = uri.indexOf("://");
        int slash = host < 0 ? 0 : uri.indexOf('/', host + 3);
        try {
            return slash < 0 ? "/" : new QueryStringDecoder(uri.substring(slash)).path();
        } catch (IllegalArgumentException malformed) {
            return uri;
        }
    }

    private static void say(
            ChannelHandlerContext caller, HttpRequest request, HttpResponseStatus status) {
        var text = Unpooled.copiedBuffer(status + "\n", UTF_8);
        var _ = send(caller, request, status, "text/plain; charset=utf-8", text);
    }

    private static ChannelFuture send(
            ChannelHandlerContext caller,
            HttpRequest request,
            HttpResponseStatus status,
            String type,
            ByteBuf body) {
        boolean head = request.method().equals(HttpMethod.HEAD);
        var response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, status, head ? Unpooled.EMPTY_BUFFER : body);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        return caller.writeAndFlush(response).addListener(sent -> end(caller, sent.isSuccess()));
    }

    /** The caller closes first, as a close with unread bytes here would cost it the answer. */
    private static void end(ChannelHandlerContext caller, boolean sent) {
        if (sent && caller.channel() instanceof DuplexChannel socket) {
            var _ = socket.shutdownOutput();
        } else {
            var _ = caller.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext caller, Throwable cause) {
        LOG.log(Logger.Level.DEBUG, "metrics: {0}", String.valueOf(cause));
        var _ = caller.close();
    }
}
