package io.berth.storage.layer;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a file's stored bytes lie; the rest is holes.
 *
 * @param sizeBytes the file's size, holes included
 * @param extents in order, apart, inside the size
 */
record SparseMap(long sizeBytes, List<Extent> extents) {
    /** A run of stored bytes. */
    record Extent(long offset, long length) {}

    static final SparseMap EMPTY = new SparseMap(0, List.of());

    SparseMap {
        extents = List.copyOf(extents);
    }

    /** A file without holes. */
    static SparseMap dense(long sizeBytes) {
        return sizeBytes == 0 ? EMPTY : new SparseMap(sizeBytes, List.of(new Extent(0, sizeBytes)));
    }

    /** Stored bytes in sum. */
    long storedBytes() {
        return extents.stream().mapToLong(Extent::length).sum();
    }

    boolean hasHoles() {
        return storedBytes() != sizeBytes;
    }

    /**
     * The map that {@code numbers} (offset, length, offset, length, …) gives.
     *
     * @throws HostileLayer when it is out of order, overlaps, leaves the size or does not add up
     */
    static SparseMap of(String member, long sizeBytes, long storedBytes, List<Long> numbers) {
        if (numbers.size() % 2 != 0) {
            throw new HostileLayer(
                    member, "a sparse map of " + numbers.size() + " numbers", "pairs of them");
        }
        var extents = new ArrayList<Extent>();
        long end = 0;
        long stored = 0;
        for (int i = 0; i < numbers.size(); i += 2) {
            long offset = numbers.get(i);
            long length = numbers.get(i + 1);
            if (offset < end || length < 0 || offset > sizeBytes || length > sizeBytes - offset) {
                throw new HostileLayer(
                        member,
                        "sparse extent %d+%d after %d".formatted(offset, length, end),
                        "extents in order within %d bytes".formatted(sizeBytes));
            }
            end = offset + length;
            stored += length;
            if (length > 0) {
                extents.add(new Extent(offset, length));
            }
        }
        if (stored != storedBytes) {
            throw new HostileLayer(
                    member,
                    "sparse extents of %d bytes in sum".formatted(stored),
                    "the %d bytes that are stored".formatted(storedBytes));
        }
        return new SparseMap(sizeBytes, extents);
    }
}
