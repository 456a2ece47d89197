package io.berth.sandbox.security;

import io.berth.sandbox.SandboxException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Levels {@code s0:cA,cB} with two categories, by which pods are kept apart. A pod's first choice
 * follows from its id; where that is taken, the next ones are tried, so that a choice depends on
 * nothing but the id and what is in use.
 */
final class McsLevels {
    private McsLevels() {}

    /**
     * A level that nobody uses.
     *
     * @param categories how many there are: c0 up to this one, exclusively
     * @param used levels in use
     */
    static String free(String id, int categories, Set<String> used) {
        long pairs = (long) categories * (categories - 1) / 2;
        var crc = new CRC32C();
        crc.update(id.getBytes(StandardCharsets.UTF_8));
        long first = crc.getValue() % pairs;
        for (long i = 0; i < Math.min(pairs, used.size() + 1L); i++) {
            var level = level((first + i) % pairs);
            if (!used.contains(level)) {
                return level;
            }
        }
        throw new SandboxException.Failed(
                "sandbox %s: all %d SELinux levels are in use; raise security.selinux_category_range"
                        .formatted(id, pairs));
    }

    /**
     * Pair number n in the order (0,1), (0,2), (1,2), (0,3) …: the larger one is c, then a below.
     */
    private static String level(long number) {
        long larger = (long) ((1 + Math.sqrt(1 + 8.0 * number)) / 2);
        long smaller = number - larger * (larger - 1) / 2;
        return "s0:c%d,c%d".formatted(smaller, larger);
    }
}
