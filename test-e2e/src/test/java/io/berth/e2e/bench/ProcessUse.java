package io.berth.e2e.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What processes use, from proc(5). */
final class ProcessUse {
    private static final Path PROC = Path.of("/proc");

    /** USER_HZ, in which the kernel counts for everybody on x86-64. */
    private static final int TICKS_IN_SECOND = 100;

    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;

    private ProcessUse() {}

    /** Proportional set size in millions of bytes; nothing of a process that has ended. */
    static double pssMegabytes(long pid) throws IOException {
        try {
            for (var line : Files.readAllLines(of(pid).resolve("smaps_rollup"), UTF_8)) {
                if (line.startsWith("Pss:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024 / 1e6;
                }
            }
            return 0;
        } catch (NoSuchFileException ended) {
            return 0;
        }
    }

    /** Processor time in seconds, in user and kernel. */
    static double processorSeconds(long pid) throws IOException {
        try {
            return processorSeconds(Files.readString(of(pid).resolve("stat"), UTF_8));
        } catch (NoSuchFileException ended) {
            return 0;
        }
    }

    /** The same from a line of stat; a program's name in it may hold anything. */
    static double processorSeconds(String stat) {
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]))
                / (double) TICKS_IN_SECOND;
    }

    /** Processes whose program has the name and whose arguments name one of these. */
    static List<Long> named(String program, Collection<String> names) throws IOException {
        var found = new ArrayList<Long>();
        try (var processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var process : processes) {
                var words = command(process);
                var first = words.substring(0, Math.max(0, words.indexOf('\0')));
                if (first.endsWith(program) && names.stream().anyMatch(words::contains)) {
                    found.add(Long.parseLong(process.getFileName().toString()));
                }
            }
        }
        return found;
    }

    private static String command(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), UTF_8);
        } catch (IOException ended) {
            return "";
        }
    }

    private static Path of(long pid) {
        return PROC.resolve(Long.toString(pid));
    }
}
