package io.berth.daemon.cli.console;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Standard output and error, shared by threads line by line. */
public final class Console {
    private static final String ERASE = "\r\u001b[K";

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private String status = "";

    /**
     * @param terminal whether a person sees the lines change
     */
    public Console(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** This process's own. */
    public static Console system() {
        boolean terminal =
                Optional.ofNullable(System.console())
                        .map(java.io.Console::isTerminal)
                        .orElse(false);
        return new Console(System.out, System.err, terminal);
    }

    /** Whether a person sees the lines change. */
    public boolean terminal() {
        return terminal;
    }

    /** Standard output for texts that someone else lays out. */
    public PrintWriter writer() {
        return new PrintWriter(out, true, StandardCharsets.UTF_8);
    }

    /** Prints a line of output. */
    public synchronized void line(String text) {
        erase();
        write(out, text + "\n");
        draw();
    }

    /** Prints a line for the person, beside the output. */
    public synchronized void note(String text) {
        erase();
        write(err, text + "\n");
        draw();
    }

    /** Passes bytes on to standard output as they are. */
    public synchronized void output(byte[] bytes) {
        out.write(bytes, 0, bytes.length);
        out.flush();
    }

    /** Passes bytes on to standard error as they are. */
    public synchronized void error(byte[] bytes) {
        err.write(bytes, 0, bytes.length);
        err.flush();
    }

    /** Shows a line below all others until the next; empty takes it away. Terminals only. */
    public synchronized void status(String text) {
        if (terminal) {
            erase();
            status = text;
            draw();
        }
    }

    private void erase() {
        if (!status.isEmpty()) {
            write(out, ERASE);
        }
    }

    private void draw() {
        if (!status.isEmpty()) {
            write(out, status);
        }
    }

    private static void write(PrintStream stream, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        stream.write(bytes, 0, bytes.length);
        stream.flush();
    }
}
