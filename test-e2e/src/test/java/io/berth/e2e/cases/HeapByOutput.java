package io.berth.e2e.cases;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.berth.cri.v1.ExecRequest;
import io.berth.e2e.pod.Kubelet;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Clients of exec, some with a terminal, whose commands write without end and who never read. */
final class HeapByOutput implements HostileCase {
    private static final int CLIENTS = 8;
    private static final int ROUNDS = 2;

    @Override
    public String name() {
        return "heap-by-output";
    }

    @Override
    public String purpose() {
        return "Clients of exec read nothing of what their commands write.";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var kubelet = new Kubelet(daemon);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var faults = new ArrayList<String>();
        var open = new ArrayList<SocketChannel>();
        try {
            var container = kubelet.launch(sandbox, pod, kubelet.shell("c", "sleep 1000").build());
            for (int i = 0; i < Attack.times(CLIENTS); i++) {
                open.add(connected(exec(daemon, container, i % 2 == 0)));
            }
            for (int i = 0; i < ROUNDS; i++) {
                faults.addAll(Attack.othersAnswered(daemon));
                if (kubelet.exec(container, "true").getExitCode() != 0) {
                    faults.add("another exec did not succeed");
                }
            }
        } finally {
            for (var each : open) {
                each.close();
            }
            kubelet.end(sandbox);
        }
        return faults;
    }

    private static URI exec(CaseDaemon daemon, String container, boolean terminal) {
        var request =
                ExecRequest.newBuilder()
                        .setContainerId(container)
                        .addCmd("yes")
                        .setTty(terminal)
                        .setStdin(true)
                        .setStdout(true)
                        .setStderr(!terminal);
        return URI.create(daemon.client().runtime().exec(request.build()).getUrl());
    }

    /** A WebSocket with all streams of the command, of which nothing is read but the first line. */
    private static SocketChannel connected(URI url) throws IOException {
        var channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
        channel.connect(new InetSocketAddress(url.getHost(), url.getPort()));
        var request =
                String.join(
                        "\r\n",
                        "GET " + url.getPath() + " HTTP/1.1",
                        "Host: x",
                        "Connection: Upgrade",
                        "Upgrade: websocket",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                        "Sec-WebSocket-Protocol: v4.channel.k8s.io",
                        "",
                        "");
        channel.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
        var answer = ByteBuffer.allocate("HTTP/1.1 101".length());
        while (answer.hasRemaining() && channel.read(answer) >= 0) {}
        var said = new String(answer.array(), US_ASCII);
        if (!said.endsWith(" 101")) {
            channel.close();
            throw new IOException("exec over WebSocket: found '%s', wanted 101".formatted(said));
        }
        return channel;
    }
}
