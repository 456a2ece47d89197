package io.berth.e2e.bench;

import java.io.IOException;

/** A contender could not do what its turn asked of it. */
final class TurnFailed extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Contender contender;

    TurnFailed(Contender contender, Throwable cause) {
        super(cause.getMessage(), cause);
        this.contender = contender;
    }

    Contender contender() {
        return contender;
    }
}
