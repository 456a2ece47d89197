package io.berth.e2e.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/** Standard output of the programs here, a line at a time. */
public final class Print {
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);

    private Print() {}

    public static void line(String line) {
        OUT.println(line);
    }
}
