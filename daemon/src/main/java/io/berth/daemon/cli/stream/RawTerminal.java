package io.berth.daemon.cli.stream;

import io.berth.linux.LinuxException;
import io.berth.linux.Terminal;
import java.util.Optional;

/**
 * This process's terminal, passing on each key as it is typed while this is open. The mode that it
 * had comes back at the close, and at the end of the process if that comes first by a signal.
 */
public final class RawTerminal implements AutoCloseable {
    private static final int STDIN = 0;

    private final Terminal terminal;
    private final Thread atEnd = new Thread(this::restore, "terminal");

    private RawTerminal(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Changes the mode; empty if standard input is no terminal. */
    public static Optional<RawTerminal> open() throws LinuxException {
        var terminal = Terminal.of(STDIN);
        if (terminal.isEmpty()) {
            return Optional.empty();
        }
        var raw = new RawTerminal(terminal.get());
        Runtime.getRuntime().addShutdownHook(raw.atEnd);
        raw.terminal.raw();
        return Optional.of(raw);
    }

    /** How large it is now. */
    Terminal.Size size() throws LinuxException {
        return terminal.size();
    }

    private void restore() {
        try {
            terminal.restore();
        } catch (LinuxException gone) {
            // With the terminal itself its mode is gone, too.
        }
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException ending) {
            // The hook runs, or has run; twice does no harm.
        }
    }
}
