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
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client of exec asks for answers and never reads them: each ping of SPDY is answered with a
 * ping. The daemon has to stop reading from it, and to serve others.
 */
public final class HeapByPings implements HostileCase {
    private static final int CLIENTS = 4;
    private static final int PINGS = 20_000;
    private static final long MOST_BYTES = 64 << 20;
    private static final long STILL_NANOS = TimeUnit.SECONDS.toNanos(2);

    @Override
    public String name() {
        return "heap-by-pings";
    }

    @Override
    public String purpose() {
        return "A client of exec sends pings and reads none of the answers.";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var kubelet = new Kubelet(daemon);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var faults = new ArrayList<String>();
        try {
            var container = kubelet.launch(sandbox, pod, kubelet.shell("c", "sleep 1000").build());
            var clients = new ArrayList<Callable<Long>>();
            for (int i = 0; i < Attack.times(CLIENTS); i++) {
                var url = exec(daemon, container);
                clients.add(() -> pour(url));
            }
            for (long taken : Attack.together(clients)) {
                if (taken >= MOST_BYTES) {
                    faults.add("the daemon read %d bytes of pings".formatted(taken));
                }
            }
            if (kubelet.exec(container, "true").getExitCode() != 0) {
                faults.add("another exec did not succeed");
            }
        } finally {
            kubelet.end(sandbox);
        }
        return faults;
    }

    private static URI exec(CaseDaemon daemon, String container) {
        var request =
                ExecRequest.newBuilder()
                        .setContainerId(container)
                        .addCmd("cat")
                        .setStdin(true)
                        .setStdout(true)
                        .setStderr(true);
        return URI.create(daemon.client().runtime().exec(request.build()).getUrl());
    }

    /** Sends pings until none has been taken for a while; how many bytes were. */
    private static long pour(URI url) throws IOException {
        try (var channel = SocketChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
            channel.connect(new InetSocketAddress(url.getHost(), url.getPort()));
            var request =
                    String.join(
                            "\r\n",
                            "POST " + url.getPath() + " HTTP/1.1",
                            "Host: x",
                            "Connection: Upgrade",
                            "Upgrade: SPDY/3.1",
                            "X-Stream-Protocol-Version: v4.channel.k8s.io",
                            "",
                            "");
            channel.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
            var answer = ByteBuffer.allocate(12);
            while (answer.hasRemaining() && channel.read(answer) >= 0) {}
            channel.configureBlocking(false);
            var pings = ByteBuffer.allocate(12 * PINGS);
            while (pings.hasRemaining()) {
                pings.putShort((short) 0x8003).putShort((short) 6).putInt(4).putInt(1);
            }
            pings.flip();
            long sent = 0;
            long moved = System.nanoTime();
            while (sent < MOST_BYTES && System.nanoTime() - moved < STILL_NANOS) {
                int taken = write(channel, pings);
                if (taken < 0) {
                    break; // it is right to end such a client too
                }
                sent += taken;
                if (taken > 0) {
                    moved = System.nanoTime();
                } else {
                    LockSupport.parkNanos(1_000_000);
                }
                if (!pings.hasRemaining()) {
                    pings.rewind();
                }
            }
            return sent;
        }
    }

    /** How much the daemon took; -1 once it has ended the connection. */
    private static int write(SocketChannel channel, ByteBuffer pings) {
        try {
            return channel.write(pings);
        } catch (IOException ended) {
            return -1;
        }
    }
}
