package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.berth.cri.v1.IDMapping;
import io.berth.sandbox.SandboxException;
import java.util.ArrayList;
import java.util.List;

/** Ids of a user namespace and what they are outside of it (user_namespaces(7)). */
public record IdMap(List<Range> ranges) {
    /** The kernel takes no more (UID_GID_MAP_MAX_EXTENTS). */
    private static final int MAX_RANGES = 340;

    /** One past the highest id: the last one means "none". */
    private static final long END = 0xffff_ffffL;

    /** Ids from {@code containerId} on are those from {@code hostId} on; all are unsigned. */
    public record Range(long containerId, long hostId, long length) {}

    public IdMap {
        ranges = List.copyOf(ranges);
    }

    /**
     * The map of a request.
     *
     * @param field where it stands, for errors
     * @throws SandboxException.InvalidRequest for a range that is empty, ends above the highest id
     *     or overlaps another
     */
    static IdMap of(List<IDMapping> asked, String field) {
        if (asked.size() > MAX_RANGES) {
            throw new SandboxException.InvalidRequest(
                    "%s: found %d ranges, wanted %d at most"
                            .formatted(field, asked.size(), MAX_RANGES));
        }
        var ranges = new ArrayList<Range>();
        for (int i = 0; i < asked.size(); i++) {
            var range = range(asked.get(i), field + "[" + i + "]");
            for (var other : ranges) {
                if (overlap(range.containerId, other.containerId, range.length, other.length)
                        || overlap(range.hostId, other.hostId, range.length, other.length)) {
                    throw new SandboxException.InvalidRequest(
                            "%s[%d]: overlaps the range %s".formatted(field, i, other));
                }
            }
            ranges.add(range);
        }
        return new IdMap(ranges);
    }

    private static Range range(IDMapping asked, String field) {
        long container = Integer.toUnsignedLong(asked.getContainerId());
        long host = Integer.toUnsignedLong(asked.getHostId());
        long length = Integer.toUnsignedLong(asked.getLength());
        if (length == 0 || container + length > END || host + length > END) {
            throw new SandboxException.InvalidRequest(
                    "%s: found %d ids from %d as from %d, wanted at least one and none above %d"
                            .formatted(field, length, container, host, END - 1));
        }
        return new Range(container, host, length);
    }

    private static boolean overlap(long a, long b, long lengthOfA, long lengthOfB) {
        return a < b + lengthOfB && b < a + lengthOfA;
    }

    /** What an id of the namespace is outside; -1 if it is nothing there. */
    public long toHost(long id) {
        return ranges.stream()
                .filter(r -> id >= r.containerId && id < r.containerId + r.length)
                .mapToLong(r -> r.hostId + (id - r.containerId))
                .findFirst()
                .orElse(-1);
    }

    /** As /proc/PID/uid_map takes it. */
    public String lines() {
        var text = new StringBuilder();
        for (var r : ranges) {
            text.append(r.containerId).append(' ').append(r.hostId).append(' ');
            text.append(r.length).append('\n');
        }
        return text.toString();
    }

    ArrayNode json() {
        var json = OciJson.array();
        for (var r : ranges) {
            json.addObject()
                    .put("containerID", r.containerId)
                    .put("hostID", r.hostId)
                    .put("size", r.length);
        }
        return json;
    }
}
