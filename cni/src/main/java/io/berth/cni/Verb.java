package io.berth.cni;

import java.time.Duration;

/** What a plugin can be told (SPEC.md, section 2, "CNI operations"). */
enum Verb {
    ADD,
    DEL,
    CHECK,
    STATUS,
    GC,
    VERSION;

    Duration deadline(CniTimeouts timeouts) {
        return switch (this) {
            case ADD -> timeouts.add();
            case DEL -> timeouts.del();
            case CHECK -> timeouts.check();
            case STATUS -> timeouts.status();
            case GC -> timeouts.gc();
            case VERSION -> timeouts.version();
        };
    }
}
