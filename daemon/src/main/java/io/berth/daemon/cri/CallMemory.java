package io.berth.daemon.cri;

import com.google.protobuf.Descriptors.Descriptor;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.ForeignScope;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.foreign.MemoryExhausted;
import io.berth.sandbox.wire.WireCost;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Holds each call to the memory budget. A request is charged before it is parsed, by what its
 * parsed form and the work with it will take; an answer before it is turned into bytes. What finds
 * no room ends its own call with RESOURCE_EXHAUSTED.
 *
 * <p>Sees messages as bytes: the services that it guards are wrapped by {@link
 * io.grpc.ServerInterceptors#useInputStreamMessages}.
 */
final class CallMemory implements ServerInterceptor {
    /** The call's scope, for whoever works for it. */
    static final Context.Key<ForeignScope> SCOPE = Context.key("foreign-scope");

    /**
     * How many messages of a streaming client are charged at once: its later ones take the room of
     * those before, as an endpoint asks for the next message once it has done with one.
     */
    private static final int STREAMED = 4;

    /** A request is charged its parsed form this many times, for the copies made while it runs. */
    private static final int WORK = 4;

    private final MemoryBudget budget;
    private final UnfinishedCalls unfinished;

    CallMemory(MemoryBudget budget, UnfinishedCalls unfinished) {
        this.budget = budget;
        this.unfinished = unfinished;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var open = unfinished.entered(call);
        var scope = open.scope();
        var charging = new Charged<>(call, open);
        boolean streaming = !call.getMethodDescriptor().getType().clientSendsOneMessage();
        var listener =
                Contexts.interceptCall(
                        Context.current().withValue(SCOPE, scope), charging, headers, next);
        return new SimpleForwardingServerCallListener<>(listener) {
            private final ArrayDeque<Long> streamed = new ArrayDeque<>();

            @Override
            public void onMessage(Q message) {
                try {
                    if (!charging.refused()) {
                        super.onMessage(streaming ? further(message) : whole(message));
                    }
                } catch (MemoryExhausted full) {
                    charging.refuse(StatusMapper.exhausted(full));
                    super.onCancel(); // its endpoint waits for no further message
                } finally {
                    open.finished();
                }
            }

            private Q whole(Q message) {
                return received(call, scope, message, WORK);
            }

            // A message of many, which takes the room of one that was delivered before.
            private Q further(Q message) {
                if (streamed.size() == STREAMED) {
                    scope.share().giveBack(streamed.remove());
                }
                long before = scope.share().bytes();
                var received = received(call, scope, message, 1);
                streamed.add(scope.share().bytes() - before);
                return received;
            }

            @Override
            public void onHalfClose() {
                if (!charging.refused()) {
                    super.onHalfClose();
                }
            }
        };
    }

    /** The message as bytes that were paid for. */
    @SuppressWarnings("unchecked") // the messages of guarded services are streams of bytes
    private static <Q, A> Q received(
            ServerCall<Q, A> call, ForeignScope scope, Q message, int work) {
        var type = requestType(call);
        try (var in = (InputStream) message) {
            scope.share().grow(in.available());
            var bytes = in.readAllBytes();
            scope.share().grow(work * WireCost.of(type, ByteBuffer.wrap(bytes)));
            return (Q) new Received(bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException("a message in memory is read", impossible);
        }
    }

    private static Descriptor requestType(ServerCall<?, ?> call) {
        var method = call.getMethodDescriptor();
        if (method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier known) {
            return known.getMethodDescriptor().getInputType();
        }
        throw new IllegalStateException(
                "method %s: found no descriptor of its messages"
                        .formatted(method.getFullMethodName()));
    }

    /** Bytes whose number is known to the parser. */
    private static final class Received extends ByteArrayInputStream implements KnownLength {
        Received(byte[] bytes) {
            super(bytes);
        }
    }

    /** Charges answers; each takes the room of the one before. */
    private final class Charged<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final UnfinishedCalls.Open open;
        private volatile boolean refused;

        Charged(ServerCall<Q, A> call, UnfinishedCalls.Open open) {
            super(call);
            this.open = open;
        }

        /** Ends the call; whatever its endpoint still says is dropped. */
        void refuse(Status status) {
            close(status, new Metadata());
            refused = true;
        }

        boolean refused() {
            return refused;
        }

        @Override
        public void sendMessage(A message) {
            if (refused) {
                return;
            }
            if (message instanceof KnownLength && message instanceof InputStream bytes) {
                answer(bytes);
            }
            super.sendMessage(message);
        }

        private void answer(InputStream bytes) {
            try {
                // One that is larger than all answers may be together goes alone.
                long size = Math.min(bytes.available(), budget.limit(ForeignKind.ANSWERS));
                open.answers(size > SMALL_BYTES ? size : 0, budget);
            } catch (IOException impossible) {
                throw new UncheckedIOException("a message in memory has a size", impossible);
            }
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (refused) {
                return;
            }
            open.finished();
            super.close(status, trailers);
        }
    }

    /** Answers shorter than this go out whatever else does. */
    private static final int SMALL_BYTES = 16 << 10;
}
