package io.berth.e2e.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/** Standard output of the programs here, and what they say beside it, a line at a time. */
public final class Print {
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);

    private static final PrintStream BESIDE =
            new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8);

    private Print() {}

    public static void line(String line) {
        OUT.println(line);
    }

    /** On standard error: how far a program is, and what is wrong. */
    public static void note(String line) {
        BESIDE.println(line);
    }

    /** What went wrong in a program, with its stack. */
    public static void failure(String program, Throwable thrown) {
        BESIDE.println(program + ": " + thrown.getMessage());
        thrown.printStackTrace(BESIDE);
    }
}
