package io.berth.sandbox.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Documents;
import io.berth.storage.metadata.Metadata;
import java.util.Optional;

/**
 * The messages of one type that lie in the store.
 *
 * @param <M> the messages' type
 */
public final class KeptMessages<M extends Message> {
    private final Documents documents;
    private final String family;
    private final Parser<M> parser;

    /** The messages of a family, which is created if it is missing. */
    public KeptMessages(Metadata metadata, String family, Parser<M> parser) {
        this.documents = metadata.documents(family);
        this.family = family;
        this.parser = parser;
    }

    /** The message of a key, which is read when it is needed. */
    public KeptMessage<M> in(String key, KeptMessage.Mark mark) {
        return KeptMessage.in(this, key, mark);
    }

    /** Deletes a message; absent is fine. */
    public void delete(Batch batch, String key) {
        batch.delete(documents, key);
    }

    void put(Batch batch, String key, M message) {
        batch.put(documents, key, message.toByteArray());
    }

    Optional<M> read(String key) {
        var bytes = documents.get(key);
        try {
            return bytes.isEmpty() ? Optional.empty() : Optional.of(parser.parseFrom(bytes.get()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "%s %s: the stored message does not parse: %s"
                            .formatted(family, key, e.getMessage()),
                    e);
        }
    }
}
