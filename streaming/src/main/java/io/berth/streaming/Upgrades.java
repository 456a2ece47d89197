package io.berth.streaming;

import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which sessions there are: for each request and protocol, the handler of its frames. */
final class Upgrades {
    private static final Logger LOG = System.getLogger(Upgrades.class.getName());
    private static final String PORT_FORWARD = "portforward.k8s.io";
    private static final String TUNNEL = "SPDY/3.1+portforward.k8s.io";
    private static final String PLAIN = "channel.k8s.io";
    private static final String BASE64 = "base64.channel.k8s.io";
    private static final String BASE64_V4 = "v4.base64.channel.k8s.io";

    private final StreamSettings settings;
    private final StreamTarget target;
    private final Connection connection;

    Upgrades(StreamSettings settings, StreamTarget target, Connection connection) {
        this.settings = settings;
        this.target = target;
        this.connection = connection;
    }

    /**
     * A session to be.
     *
     * @param protocol what was agreed on, as the client calls it
     * @param handler takes its frames
     * @param tunnels whether those come inside of WebSocket messages
     * @param begin what to do once the handler is in its place
     */
    record Session(String protocol, ChannelHandler handler, boolean tunnels, Runnable begin) {}

    static List<String> spdyProtocols(StreamRequest asked) {
        return asked instanceof StreamRequest.PortForward
                ? List.of(PORT_FORWARD)
                : Protocol.words();
    }

    static List<String> webSocketProtocols(StreamRequest asked) {
        if (asked instanceof StreamRequest.PortForward) {
            return List.of(TUNNEL, Protocol.V4.word(), BASE64_V4);
        }
        var words = new ArrayList<>(List.of(Protocol.V5.word(), Protocol.V4.word(), BASE64_V4));
        words.addAll(List.of(PLAIN, BASE64));
        return words;
    }

    /** The session of a client that came by SPDY; empty if no protocol is common. */
    Optional<Session> spdy(StreamRequest asked, List<String> offered) {
        return switch (asked) {
            case StreamRequest.PortForward ports ->
                    offered.contains(PORT_FORWARD)
                            ? Optional.of(forwarding(ports, PORT_FORWARD, false))
                            : Optional.empty();
            case StreamRequest.Exec exec -> command(exec, exec.channels(), offered);
            case StreamRequest.Attach attach -> command(attach, attach.channels(), offered);
        };
    }

    private Session forwarding(StreamRequest.PortForward ports, String protocol, boolean tunnels) {
        var session = new PortForwardSession(connection, ports, target, settings.creationTimeout());
        var streams = new SpdyStreams(connection, session::open);
        return new Session(protocol, streams, tunnels, () -> {});
    }

    private Optional<Session> command(
            StreamRequest asked, Channels channels, List<String> offered) {
        return Protocol.choose(offered)
                .map(
                        protocol -> {
                            var session = new CommandSession(connection, asked, channels, protocol);
                            var streams =
                                    new SpdyStreams(
                                            connection,
                                            (stream, _, headers) ->
                                                    StreamKind.of(headers.get("streamtype"))
                                                            .filter(k -> session.add(k, stream))
                                                            .isPresent());
                            return new Session(
                                    protocol.word(),
                                    streams,
                                    false,
                                    () -> begin(session, asked, SpdyStreams.farewell()));
                        });
    }

    /** The session of a client that came by WebSocket; empty if no protocol is common. */
    Optional<Session> webSocket(StreamRequest asked, List<String> offered) {
        var known = webSocketProtocols(asked);
        var chosen =
                offered.isEmpty()
                        ? Optional.of("")
                        : offered.stream().filter(known::contains).findFirst();
        return chosen.map(
                word ->
                        switch (asked) {
                            case StreamRequest.PortForward ports ->
                                    word.equals(TUNNEL)
                                            ? forwarding(ports, TUNNEL, true)
                                            : channels(ports, word);
                            case StreamRequest.Exec exec -> channels(exec, exec.channels(), word);
                            case StreamRequest.Attach attach ->
                                    channels(attach, attach.channels(), word);
                        });
    }

    private Session channels(StreamRequest asked, Channels wanted, String word) {
        var protocol =
                switch (word) {
                    case "", PLAIN, BASE64 -> Protocol.V3; // plain text errors, sizes in channel 4
                    case "v5.channel.k8s.io" -> Protocol.V5;
                    default -> Protocol.V4;
                };
        var base64 = word.equals(BASE64) || word.equals(BASE64_V4);
        var frames =
                new WebSocketChannels(
                        connection, StreamKind.values().length, base64, protocol == Protocol.V5);
        var session = new CommandSession(connection, asked, wanted, protocol);
        for (var kind : StreamKind.values()) {
            var _ = session.add(kind, frames.channel(kind.channel()));
        }
        return new Session(
                word,
                frames,
                false,
                () -> {
                    var first =
                            wanted.stdout()
                                    ? StreamKind.STDOUT
                                    : wanted.stderr() ? StreamKind.STDERR : StreamKind.ERROR;
                    frames.greet(first.channel());
                    begin(session, asked, WebSocketChannels.farewell());
                });
    }

    /** The older form: two channels a port, for data and errors; the port comes first on both. */
    private Session channels(StreamRequest.PortForward asked, String word) {
        int ports = asked.ports().size();
        var frames = new WebSocketChannels(connection, 2 * ports, word.equals(BASE64_V4), false);
        var session = new PortForwardSession(connection, asked, target, settings.creationTimeout());
        Runnable begin =
                () -> {
                    for (int i = 0; i < ports; i++) {
                        int port = asked.ports().get(i);
                        var data = frames.channel(2 * i);
                        var error = frames.channel(2 * i + 1);
                        var input = new Inbox(connection);
                        data.setInput(input);
                        connection.work(
                                "port-forward-greeting",
                                () -> greet(session, port, data, input, error));
                    }
                };
        return new Session(word, frames, false, begin);
    }

    private void greet(
            PortForwardSession session,
            int port,
            ClientChannel data,
            Inbox input,
            ClientChannel error) {
        var bytes = new byte[] {(byte) port, (byte) (port >> 8)};
        try {
            data.write(bytes, bytes.length);
            error.write(bytes, bytes.length);
        } catch (IOException gone) {
            LOG.log(Logger.Level.DEBUG, "port {0}: {1}", port, gone.getMessage());
            return;
        }
        session.start(port, data, input, error);
    }

    private void begin(CommandSession session, StreamRequest asked, Object farewell) {
        var _ = connection.gone().thenRun(session::clientGone);
        connection.work(
                asked.path() + "-session",
                () ->
                        session.run(
                                settings.creationTimeout(),
                                client -> work(asked, client),
                                farewell));
    }

    private ExitStatus work(StreamRequest asked, ClientStreams client) throws IOException {
        return switch (asked) {
            case StreamRequest.Exec exec -> {
                int code = target.exec(exec, client);
                yield code == 0 ? new ExitStatus.Success() : new ExitStatus.Code(code);
            }
            case StreamRequest.Attach attach -> {
                target.attach(attach, client);
                yield new ExitStatus.Success();
            }
            case StreamRequest.PortForward ports ->
                    throw new IllegalStateException(ports.subject() + ": no command");
        };
    }
}
