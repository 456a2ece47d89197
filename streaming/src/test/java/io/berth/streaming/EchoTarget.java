package io.berth.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** What a test's sessions are served from; the command's first word says what it does. */
final class EchoTarget implements StreamTarget {
    final AtomicInteger running = new AtomicInteger();
    final CompletableFuture<String> gone = new CompletableFuture<>();
    final CompletableFuture<TerminalSize> size = new CompletableFuture<>();
    final CountDownLatch release = new CountDownLatch(1);

    @Override
    public int exec(StreamRequest.Exec request, ClientStreams client) throws IOException {
        running.incrementAndGet();
        try {
            return run(request.command(), client);
        } finally {
            running.decrementAndGet();
        }
    }

    private int run(java.util.List<String> command, ClientStreams client) throws IOException {
        return switch (command.getFirst()) {
            case "cat" -> {
                var buffer = new byte[8 << 10];
                for (int n = client.readStdin(buffer); n >= 0; n = client.readStdin(buffer)) {
                    client.writeStdout(buffer, n);
                }
                yield 0;
            }
            case "exit" -> {
                say(client, "out");
                var err = "err".getBytes(UTF_8);
                client.writeStderr(err, err.length);
                yield Integer.parseInt(command.get(1));
            }
            case "fail" -> throw new IOException("no \"such\" command\n");
            case "flood" -> {
                var block = new byte[16 << 10];
                for (long left = Long.parseLong(command.get(1)); left > 0; left -= block.length) {
                    client.writeStdout(block, block.length);
                }
                yield 0;
            }
            case "size" -> {
                try {
                    size.complete(client.nextSize().orElseThrow());
                } catch (InterruptedException stop) {
                    throw new IOException(stop);
                }
                yield 0;
            }
            case "wait" -> {
                gone.complete(client.gone().join());
                yield 0;
            }
            default -> throw new IllegalArgumentException(command.toString());
        };
    }

    private static void say(ClientStreams client, String text) throws IOException {
        var bytes = text.getBytes(UTF_8);
        client.writeStdout(bytes, bytes.length);
    }

    @Override
    public void attach(StreamRequest.Attach request, ClientStreams client) throws IOException {
        say(client, "attached " + request.containerId());
    }

    /** Echoes what is sent, and ends when the client has. */
    @Override
    public PortConnection connect(StreamRequest.PortForward request, int port) throws IOException {
        if (port == 1) {
            throw new IOException("nobody listens");
        }
        running.incrementAndGet();
        return new Echo();
    }

    private final class Echo implements PortConnection {
        private static final byte[] END = {};
        private final BlockingQueue<byte[]> sent = new ArrayBlockingQueue<>(1000);
        private boolean closed;

        @Override
        public int read(byte[] into) throws IOException {
            try {
                var next = sent.take();
                System.arraycopy(next, 0, into, 0, next.length);
                return next.length == 0 ? -1 : next.length;
            } catch (InterruptedException stop) {
                throw new IOException(stop);
            }
        }

        @Override
        public void write(byte[] bytes, int length) throws IOException {
            try {
                sent.put(java.util.Arrays.copyOf(bytes, length));
            } catch (InterruptedException stop) {
                throw new IOException(stop);
            }
        }

        @Override
        public void shutdownOutput() {
            sent.add(END);
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                running.decrementAndGet();
                sent.add(END);
            }
        }
    }
}
