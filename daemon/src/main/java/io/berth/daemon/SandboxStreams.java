package io.berth.daemon;

import io.berth.cri.v1.AttachRequest;
import io.berth.cri.v1.ExecRequest;
import io.berth.linux.PolledFd;
import io.berth.sandbox.operation.Client;
import io.berth.sandbox.operation.Sandboxes;
import io.berth.streaming.Channels;
import io.berth.streaming.ClientStreams;
import io.berth.streaming.StreamRequest;
import io.berth.streaming.StreamTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The stream server's sessions, served from the node's pods. */
final class SandboxStreams implements StreamTarget {
    private final Sandboxes sandboxes;

    SandboxStreams(Sandboxes sandboxes) {
        this.sandboxes = sandboxes;
    }

    @Override
    public int exec(StreamRequest.Exec request, ClientStreams client) throws IOException {
        Channels channels = request.channels();
        return sandboxes.exec(
                ExecRequest.newBuilder()
                        .setContainerId(request.containerId())
                        .addAllCmd(request.command())
                        .setTty(channels.tty())
                        .setStdin(channels.stdin())
                        .setStdout(channels.stdout())
                        .setStderr(channels.stderr())
                        .build(),
                new Reached(client));
    }

    @Override
    public void attach(StreamRequest.Attach request, ClientStreams client) throws IOException {
        Channels channels = request.channels();
        sandboxes.attach(
                AttachRequest.newBuilder()
                        .setContainerId(request.containerId())
                        .setTty(channels.tty())
                        .setStdin(channels.stdin())
                        .setStdout(channels.stdout())
                        .setStderr(channels.stderr())
                        .build(),
                new Reached(client));
    }

    @Override
    public PortConnection connect(StreamRequest.PortForward request, int port) throws IOException {
        return new PodPort(sandboxes.connect(request.sandboxId(), port));
    }

    /** A client of the stream server, as the sandboxes know one. */
    private record Reached(ClientStreams streams) implements Client {
        @Override
        public int readStdin(byte[] into) throws IOException {
            return streams.readStdin(into);
        }

        @Override
        public void writeStdout(byte[] bytes, int length) throws IOException {
            streams.writeStdout(bytes, length);
        }

        @Override
        public void writeStderr(byte[] bytes, int length) throws IOException {
            streams.writeStderr(bytes, length);
        }

        @Override
        public Optional<Size> nextSize() throws InterruptedException {
            return streams.nextSize().map(size -> new Size(size.width(), size.height()));
        }

        @Override
        public CompletableFuture<String> gone() {
            return streams.gone();
        }
    }

    /** A socket in a pod, as the stream server knows one. */
    private record PodPort(PolledFd socket) implements PortConnection {
        @Override
        public int read(byte[] into) throws IOException {
            return socket.read(ByteBuffer.wrap(into));
        }

        @Override
        public void write(byte[] bytes, int length) throws IOException {
            socket.write(ByteBuffer.wrap(bytes, 0, length));
        }

        @Override
        public void shutdownOutput() throws IOException {
            socket.shutdownOutput();
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
