package io.berth.sandbox.operation;

import io.berth.cri.v1.Signal;
import io.berth.sandbox.spec.Signals;
import java.util.Arrays;
import java.util.Optional;

/** Stop signals, between the CRI's enum and the names that images use. */
final class StopSignal {
    private static final String PREFIX = "SIGNAL_";

    private StopSignal() {}

    /** The name of what a config asks for, if it asks. */
    static Optional<String> of(Signal asked) {
        return asked == Signal.SIGNAL_RUNTIME_DEFAULT || asked == Signal.UNRECOGNIZED
                ? Optional.empty()
                : Optional.of(asked.name().substring(PREFIX.length()));
    }

    /** The name as it is, unless no signal has it. */
    static String checked(String name) {
        var _ = Signals.number(name); // throws for an image's nonsense, before anything is made
        return name;
    }

    /** The CRI's word for a name; its default for a signal that it has no word for. */
    static Signal toCri(String name) {
        int number = Signals.number(name);
        return Arrays.stream(Signal.values())
                .filter(each -> of(each).map(Signals::number).orElse(0) == number)
                .findFirst()
                .orElse(Signal.SIGNAL_RUNTIME_DEFAULT);
    }
}
