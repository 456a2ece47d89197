package io.berth.shimclient.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.berth.linux.foreign.MemoryBudget;
import java.nio.channels.ByteChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The methods that a server answers, by service and name. */
public final class TtrpcMethods {
    private static final System.Logger LOG = System.getLogger(TtrpcMethods.class.getName());

    private final String server;
    private final MemoryBudget memory;
    private final Map<String, Method<?>> methods = new ConcurrentHashMap<>();

    /**
     * @param server what messages call the server
     */
    public TtrpcMethods(String server) {
        this(server, MemoryBudget.ofThisHeap());
    }

    /**
     * As the other, with another budget.
     *
     * @param memory has room for requests until they are answered
     */
    TtrpcMethods(String server, MemoryBudget memory) {
        this.server = server;
        this.memory = memory;
    }

    /** Has room for requests until they are answered. */
    MemoryBudget memory() {
        return memory;
    }

    /** Registers a method; before anything is served. */
    public <Q extends MessageLite> TtrpcMethods handle(
            String service, String method, Parser<Q> request, TtrpcHandler<Q> handler) {
        methods.put(service + "/" + method, new Method<>(request, handler));
        return this;
    }

    /**
     * Answers the calls of one client over a connection that is made already, until either side
     * closes it. Handlers in progress then are interrupted.
     *
     * @param maxCalls how many calls run at a time; further ones wait unread
     * @param ended runs once the connection has ended, however it did
     */
    public void serve(ByteChannel channel, int maxCalls, Runnable ended) {
        ExecutorService handlers =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("ttrpc-handle-", 0).factory());
        new ServerConnection(
                        channel,
                        handlers,
                        this::answer,
                        _ -> {
                            handlers.shutdownNow();
                            ended.run();
                        },
                        maxCalls,
                        memory)
                .start();
    }

    ResponseMessage answer(RequestMessage request) {
        var name = request.service() + "/" + request.method();
        var method = methods.get(name);
        if (method == null) {
            return ResponseMessage.failed(
                    StatusCode.UNIMPLEMENTED, name + ": no such method on " + server);
        }
        try {
            return ResponseMessage.ok(method.call(request));
        } catch (InvalidProtocolBufferException e) {
            return ResponseMessage.failed(
                    StatusCode.INVALID_ARGUMENT, name + ": request is no such message");
        } catch (TtrpcException.Refused e) {
            return ResponseMessage.failed(e.code(), String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, server + ": " + name + " has a bug", e);
            return ResponseMessage.failed(StatusCode.INTERNAL, name + ": " + e);
        }
    }

    private record Method<Q extends MessageLite>(Parser<Q> request, TtrpcHandler<Q> handler) {
        ByteString call(RequestMessage message) throws InvalidProtocolBufferException {
            return handler.handle(request.parseFrom(message.payload()), message.metadata())
                    .toByteString();
        }
    }
}
