package io.berth.daemon.cri;

import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.ForeignScope;
import io.berth.linux.foreign.MemoryBudget;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The calls whose requests have not come entirely yet. All of them together hold a limited number
 * of bytes, and there is a limited number of them; when either is reached the oldest are ended. A
 * call whose client means it is here for milliseconds.
 */
final class UnfinishedCalls extends ServerStreamTracer.Factory {
    /** How many calls may be unfinished at once. */
    static final int MOST = 1024;

    private static final Context.Key<Open> OPEN = Context.key("open-call");

    private final MemoryBudget budget;
    private final long mostBytes;
    private final Set<Open> unfinished = new LinkedHashSet<>();
    private long bytes;

    UnfinishedCalls(MemoryBudget budget) {
        this.budget = budget;
        this.mostBytes = budget.limit(ForeignKind.REQUESTS) / 2;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new Open();
    }

    /** The open call of this thread's context; it can be ended from now on. */
    Open entered(ServerCall<?, ?> call) {
        var open = OPEN.get();
        if (open == null) {
            throw new IllegalStateException(
                    "call of %s: has no tracer".formatted(call.getMethodDescriptor()));
        }
        synchronized (this) {
            open.call = call;
            unfinished.add(open);
        }
        endOldest();
        return open;
    }

    private synchronized List<Open> tooMany() {
        var ending = new ArrayList<Open>();
        var oldest = unfinished.iterator();
        int count = unfinished.size();
        long held = bytes;
        while ((count > MOST || held > mostBytes) && oldest.hasNext()) {
            var open = oldest.next();
            ending.add(open);
            count--;
            held -= open.wireBytes;
        }
        ending.forEach(this::left);
        return ending;
    }

    private void endOldest() {
        for (var open : tooMany()) {
            open.end();
        }
    }

    private synchronized void left(Open open) {
        if (unfinished.remove(open)) {
            bytes -= open.wireBytes;
        }
    }

    /** A call, from its first header until it is closed. */
    final class Open extends ServerStreamTracer {
        private final ForeignScope scope = new ForeignScope(budget.force(ForeignKind.REQUESTS, 0));
        private MemoryBudget.@Nullable Share answer;
        private @Nullable ServerCall<?, ?> call;
        private long wireBytes;
        private boolean closed;

        /** What the call may take of the budget. */
        ForeignScope scope() {
            return scope;
        }

        /** Its request has come. */
        void finished() {
            left(this);
        }

        /** Makes room for its next answer in place of the one before. */
        void answers(long size, MemoryBudget from) {
            synchronized (this) {
                if (answer != null) {
                    answer.close();
                    answer = null;
                }
            }
            if (size == 0) {
                return;
            }
            var taken = from.take(ForeignKind.ANSWERS, size);
            synchronized (this) {
                if (!closed) {
                    answer = taken;
                    return;
                }
            }
            taken.close();
        }

        private void end() {
            var ending = call;
            if (ending != null) {
                ending.close(StatusMapper.unfinished(), new Metadata());
            }
        }

        @Override
        public Context filterContext(Context context) {
            return context.withValue(OPEN, this);
        }

        @Override
        public void inboundWireSize(long more) {
            synchronized (UnfinishedCalls.this) {
                if (!unfinished.contains(this)) {
                    return;
                }
                wireBytes += more;
                bytes += more;
            }
            endOldest();
        }

        @Override
        public void streamClosed(Status status) {
            left(this);
            synchronized (this) {
                closed = true;
                if (answer != null) {
                    answer.close();
                }
            }
            scope.leave();
        }
    }
}
