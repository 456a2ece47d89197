package io.berth.sandbox.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.berth.linux.foreign.ForeignScope;
import io.berth.sandbox.SandboxException;
import io.berth.storage.metadata.Batch;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A message that lies in the store and is read when it is needed; until it is there, the message
 * itself. Equal to another one if both have the same bytes.
 *
 * @param <M> the message's type
 */
public final class KeptMessage<M extends Message> {
    /** What the work with a message takes beside the message: its parts in other forms. */
    private static final int WORK = 3;

    private final Mark mark;
    private final @Nullable M fresh;
    private final @Nullable Place<M> place;

    /**
     * What is known of a message without reading it.
     *
     * @param digest SHA-256 of its bytes, in hex
     * @param sizeBytes on the wire and in the store
     * @param cost see {@link WireCost}
     */
    public record Mark(String digest, int sizeBytes, long cost) {
        /** The mark of a message's bytes. */
        public static Mark of(Message message) {
            var bytes = message.toByteString();
            return new Mark(
                    sha256(bytes),
                    bytes.size(),
                    WireCost.of(message.getDescriptorForType(), bytes.asReadOnlyByteBuffer()));
        }

        private static String sha256(ByteString bytes) {
            try {
                var digest = MessageDigest.getInstance("SHA-256");
                digest.update(bytes.asReadOnlyByteBuffer());
                return HexFormat.of().formatHex(digest.digest());
            } catch (NoSuchAlgorithmException never) {
                throw new AssertionError("every JVM has SHA-256", never);
            }
        }
    }

    private record Place<M extends Message>(KeptMessages<M> in, String key) {}

    private KeptMessage(Mark mark, @Nullable M fresh, @Nullable Place<M> place) {
        this.mark = mark;
        this.fresh = fresh;
        this.place = place;
    }

    /** A message that is in memory, and not in the store yet. */
    public static <M extends Message> KeptMessage<M> of(M message) {
        return new KeptMessage<>(Mark.of(message), message, null);
    }

    /** A message in the store. */
    static <M extends Message> KeptMessage<M> in(KeptMessages<M> store, String key, Mark mark) {
        return new KeptMessage<>(mark, null, new Place<>(store, key));
    }

    /**
     * The message. Reads the store unless the message is in memory, or was read already for the
     * request that this thread works for; charges that request.
     *
     * @throws SandboxException.NotFound if its pod or container was removed meanwhile
     * @throws io.berth.linux.foreign.MemoryExhausted if the request may not take so much memory
     */
    public M get() {
        if (fresh != null) {
            return fresh;
        }
        if (place == null) {
            throw new AssertionError("a message is in memory or in the store");
        }
        return ForeignScope.once(
                this, () -> WORK * mark.cost() + 2L * mark.sizeBytes(), this::read);
    }

    /** The message, read anew and charged to nobody; for one that is dropped at once. */
    public M unpaid() {
        return fresh != null ? fresh : read();
    }

    private M read() {
        var from = place;
        if (from == null) {
            throw new AssertionError("only a message in the store is read");
        }
        return from.in()
                .read(from.key())
                .orElseThrow(
                        () ->
                                new SandboxException.NotFound(
                                        "%s: not found: removed meanwhile".formatted(from.key())));
    }

    /** What is known of it without reading it. */
    public Mark mark() {
        return mark;
    }

    /** Puts it into the store, if it is not there; returns it as one that lies there. */
    public KeptMessage<M> keep(KeptMessages<M> store, String key, Batch batch) {
        if (fresh == null) {
            return this;
        }
        store.put(batch, key, fresh);
        return in(store, key, mark);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeptMessage<?> that && mark.equals(that.mark);
    }

    @Override
    public int hashCode() {
        return mark.hashCode();
    }

    @Override
    public String toString() {
        return "%d bytes, sha256:%s".formatted(mark.sizeBytes(), mark.digest());
    }
}
