package io.berth.linux.usage;

import java.util.OptionalLong;

/**
 * Swap in use, in bytes.
 *
 * @param limit how much swap alone may be used; absent if there is no limit
 */
public record SwapUse(long usage, OptionalLong limit) {
    /** What is left below the limit; absent if there is none. */
    public OptionalLong available() {
        return limit.isPresent()
                ? OptionalLong.of(Math.max(0, limit.getAsLong() - usage))
                : OptionalLong.empty();
    }
}
