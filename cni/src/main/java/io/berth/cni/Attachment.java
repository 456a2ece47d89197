package io.berth.cni;

import java.nio.file.Path;
import java.time.Instant;

/**
 * An attachment that the cache knows, for comparison with ledger and kernel.
 *
 * @param complete whether its ADD succeeded; otherwise it was cut, failed, or still runs
 * @param netns the pin it was made for; may be gone
 */
public record Attachment(
        String sandboxId,
        String network,
        String interfaceName,
        boolean complete,
        Path netns,
        Instant startedAt) {}
