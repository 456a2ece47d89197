package io.berth.e2e.nri;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.berth.e2e.run.Waiting;
import io.berth.nri.v1.ConfigureRequest;
import io.berth.nri.v1.ConfigureResponse;
import io.berth.nri.v1.Empty;
import io.berth.nri.v1.RegisterPluginRequest;
import io.berth.nri.v1.StartContainerRequest;
import io.berth.nri.v1.SynchronizeRequest;
import io.berth.nri.v1.UpdateContainersRequest;
import io.berth.nri.v1.UpdateContainersResponse;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A plugin that records what it is told, and answers as a test wants. */
public final class NodePlugin implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** What a plugin answers to one call. It may take its time, or throw {@link Refusal}. */
    @FunctionalInterface
    public interface Answer {
        MessageLite to(ByteString request) throws IOException, InterruptedException;
    }

    /** The plugin says no. */
    public static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public Refusal(String message) {
            super(message);
        }
    }

    /** One call that came in. */
    public record Call(String method, ByteString request) {
        /** The id of what it is about: of the container if there is one, else of the pod. */
        public String subject() {
            var about = parse(StartContainerRequest.parser());
            return about.hasContainer() ? about.getContainer().getId() : about.getPod().getId();
        }

        /** Its request. Requests about a pod are requests about a container without one. */
        public <M extends MessageLite> M parse(Parser<M> parser) {
            try {
                return parser.parseFrom(request);
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(method + " has a request that is none", e);
            }
        }
    }

    private final String name;
    private final PluginWire wire;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> reached = new ConcurrentHashMap<>();
    private final CountDownLatch synchronization = new CountDownLatch(1);

    private NodePlugin(String name, SocketChannel socket) {
        this.name = name;
        this.wire = new PluginWire(socket, this::answer);
    }

    /** A plugin on a connection, which says nothing yet. */
    public static NodePlugin over(String name, SocketChannel socket) {
        return new NodePlugin(name, socket);
    }

    /** Decides the answer to a method; without one it is empty. */
    public NodePlugin on(String method, Answer answer) {
        answers.put(method, answer);
        return this;
    }

    /** Registers as {@code NN-name}; the node then configures and synchronizes it. */
    public NodePlugin register() throws IOException {
        wire.start();
        return registerAgain();
    }

    /** Says once more who it is. */
    public NodePlugin registerAgain() throws IOException {
        wire.call(
                "RegisterPlugin",
                RegisterPluginRequest.newBuilder()
                        .setPluginIdx(name.substring(0, 2))
                        .setPluginName(name.substring(3))
                        .setNRIVersion("v0.12.2")
                        .build(),
                Empty.parser());
        return this;
    }

    /** Waits until the node has told it of everything. */
    public NodePlugin awaitSynchronized() throws IOException {
        await(synchronization, "synchronization of " + name);
        return this;
    }

    /** Waits for something that another thread of the test or the plugin does. */
    public static void await(CountDownLatch latch, String what) throws IOException {
        try {
            if (!latch.await(SOON.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("waited %s and found no: %s".formatted(SOON, what));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(what, e);
        }
    }

    private MessageLite answer(String method, ByteString request)
            throws IOException, InterruptedException {
        calls.add(new Call(method, request));
        reached(method).countDown();
        try {
            var answer = answers.get(method);
            if (answer != null) {
                return answer.to(request);
            }
            return method.equals("Configure")
                    ? ConfigureResponse.getDefaultInstance()
                    : Empty.getDefaultInstance();
        } finally {
            if (method.equals("Synchronize")) {
                synchronization.countDown();
            }
        }
    }

    /** The names of the calls about a pod or a container, in their order. */
    public List<String> told(String subject) {
        var told = new ArrayList<String>();
        for (var call : calls) {
            if (!call.method().equals("Configure")
                    && !call.method().equals("Synchronize")
                    && call.subject().equals(subject)) {
                told.add(call.method());
            }
        }
        return told;
    }

    /** Waits until it has been told a method about a subject. */
    public Call awaitTold(String method, String subject) throws IOException {
        Waiting.until(
                method + " of " + subject,
                SOON,
                () -> told(subject).contains(method),
                () -> String.valueOf(told(subject)));
        return all(method).stream()
                .filter(call -> call.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    /** Opens once a call of a method has come in. */
    public CountDownLatch reached(String method) {
        return reached.computeIfAbsent(method, _ -> new CountDownLatch(1));
    }

    /** Every call of a method. */
    public List<Call> all(String method) {
        return calls.stream().filter(call -> call.method().equals(method)).toList();
    }

    /** The ids of the containers that it was synchronized with. */
    public List<String> synchronizedContainers() {
        var ids = new ArrayList<String>();
        for (var call : all("Synchronize")) {
            for (var each : call.parse(SynchronizeRequest.parser()).getContainersList()) {
                ids.add(each.getId());
            }
        }
        return ids;
    }

    /** What it was configured with. */
    public ConfigureRequest configuration() {
        return all("Configure").getFirst().parse(ConfigureRequest.parser());
    }

    /** Asks for updates that no event led to. */
    public UpdateContainersResponse update(UpdateContainersRequest request) throws IOException {
        return wire.call("UpdateContainers", request, UpdateContainersResponse.parser());
    }

    /** Waits until the node has closed the connection. */
    public void awaitClosed() throws IOException {
        try {
            wire.ended().get(SOON.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(name + ": still connected after " + SOON, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(name, e);
        } catch (ExecutionException e) {
            throw new AssertionError("an end never fails", e);
        }
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }
}
