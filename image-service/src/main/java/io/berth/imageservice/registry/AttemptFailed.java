package io.berth.imageservice.registry;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What one host answered, or did not answer, to one request. The message begins with the host. */
public final class AttemptFailed extends IOException {

    private static final long serialVersionUID = 1L;

    /** What the caller may do next. */
    public enum Kind {
        /** The host does not have it: ask the next. */
        NOT_FOUND,
        /** The host wants other credentials: ask the next. */
        UNAUTHORIZED,
        /** What came is not what the digest names: ask the next. */
        WRONG_DIGEST,
        /** The same host may answer if asked again. */
        TRANSIENT,
        /** Asking this host again is of no use. */
        FINAL
    }

    private final Kind kind;
    private final boolean origin;

    /** {@code found} follows the host in the message. */
    public AttemptFailed(RegistryHost host, Kind kind, String found, @Nullable Throwable cause) {
        super(host.authority() + ": " + found, cause);
        this.kind = kind;
        this.origin = host.origin();
    }

    /** What the caller may do next. */
    public Kind kind() {
        return kind;
    }

    /** True when the registry itself answered so, and no mirror. */
    public boolean origin() {
        return origin;
    }
}
