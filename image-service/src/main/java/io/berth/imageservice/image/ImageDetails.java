package io.berth.imageservice.image;

import io.berth.linux.foreign.ForeignScope;
import io.berth.storage.content.Digest;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The part of an image that no list needs: it lies in the store and is read when it is needed, once
 * for a request, which pays for it. Two are equal if they are of the same image and size.
 */
public final class ImageDetails {
    private final Digest id;
    private final long cost;
    private final Supplier<Optional<Read>> reading;

    /** What is read: an image's configuration, and all annotations of its manifest. */
    record Read(ImageConfig config, Map<String, String> annotations) {}

    /**
     * @param cost how much memory it takes to have it read
     * @param reading nothing if the image was removed meanwhile
     */
    ImageDetails(Digest id, long cost, Supplier<Optional<Read>> reading) {
        this.id = id;
        this.cost = cost;
        this.reading = reading;
    }

    /**
     * Reads it.
     *
     * @throws ImageException.NotFound if the image was removed meanwhile
     * @throws io.berth.linux.foreign.MemoryExhausted if this thread's request may not take so much
     */
    Read read() {
        return ForeignScope.once(this, () -> cost, this::fromStore);
    }

    private Read fromStore() {
        return reading.get()
                .orElseThrow(
                        () ->
                                new ImageException.NotFound(
                                        "image %s: not found: removed meanwhile".formatted(id)));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ImageDetails that && id.equals(that.id) && cost == that.cost;
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "details of " + id;
    }
}
