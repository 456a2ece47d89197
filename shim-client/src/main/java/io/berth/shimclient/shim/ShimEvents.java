package io.berth.shimclient.shim;

import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.linux.step.Steps;
import io.berth.shim.events.Envelope;
import io.berth.shim.events.ForwardRequest;
import io.berth.shimclient.bundle.Bundle;
import io.berth.shimclient.journal.EventJournal;
import io.berth.shimclient.ttrpc.StatusCode;
import io.berth.shimclient.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Tells listeners the events of shims, as they come and as they were kept in a bundle. */
final class ShimEvents {
    private static final System.Logger LOG = System.getLogger(ShimEvents.class.getName());

    private final String namespace;
    private final List<Consumer<TaskEvent>> listeners = new CopyOnWriteArrayList<>();

    ShimEvents(String namespace) {
        this.namespace = namespace;
    }

    void listen(Consumer<TaskEvent> listener) {
        listeners.add(listener);
    }

    /** Tells the events kept in a bundle; a journal that cannot be read stays, with a warning. */
    void drain(Bundle bundle) {
        if (!Files.exists(bundle.journal(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Steps.run("shim.journal", bundle.id(), () -> drained(bundle));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "sandbox=" + bundle.id() + " " + e.getMessage());
        }
    }

    private void drained(Bundle bundle) throws IOException {
        new EventJournal(bundle.directory())
                .drain(
                        envelope -> {
                            try {
                                take(envelope);
                            } catch (InvalidProtocolBufferException e) {
                                LOG.log(
                                        System.Logger.Level.WARNING,
                                        bundle.journal() + ": one event is no such message");
                            }
                        });
    }

    /** The call by which a shim sends an event. */
    Empty forward(ForwardRequest request, Map<String, String> metadata) {
        try {
            take(request.getEnvelope());
            return Empty.getDefaultInstance();
        } catch (InvalidProtocolBufferException e) {
            throw new TtrpcException.Refused(
                    StatusCode.INVALID_ARGUMENT,
                    "event %s: no such message".formatted(request.getEnvelope().getTopic()));
        }
    }

    private void take(Envelope envelope) throws InvalidProtocolBufferException {
        if (envelope.getNamespace().equals(namespace)) {
            tell(EventDecoder.decode(envelope));
        }
    }

    void tell(TaskEvent event) {
        for (var listener : listeners) {
            listener.accept(event);
        }
    }
}
