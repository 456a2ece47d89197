package io.berth.linux.usage;

import java.util.Map;
import java.util.TreeMap;

/**
 * Traffic of one block device.
 *
 * @param bytes by kind of operation, in the kernel's words with a capital: Read, Write, …
 * @param operations how many, likewise
 */
public record DeviceTraffic(
        int major, int minor, Map<String, Long> bytes, Map<String, Long> operations) {
    public DeviceTraffic {
        bytes = Map.copyOf(bytes);
        operations = Map.copyOf(operations);
    }

    /** Collects what files say of one device. */
    static final class Draft {
        private final Map<String, Long> bytes = new TreeMap<>();
        private final Map<String, Long> operations = new TreeMap<>();

        void bytes(String kind, long value) {
            bytes.put(kind, value);
        }

        void operations(String kind, long value) {
            operations.put(kind, value);
        }

        DeviceTraffic of(String device) {
            var colon = device.indexOf(':');
            return new DeviceTraffic(
                    Integer.parseInt(device.substring(0, colon)),
                    Integer.parseInt(device.substring(colon + 1)),
                    bytes,
                    operations);
        }
    }
}
