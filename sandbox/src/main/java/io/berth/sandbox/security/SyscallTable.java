package io.berth.sandbox.security;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The system calls of the default seccomp profile by their condition; {@code seccomp-default.txt}
 * says how they are written.
 *
 * @param sections names of calls by the head of their section, such as {@code always} or {@code
 *     capability CAP_BPF}
 */
record SyscallTable(Map<String, List<String>> sections) {
    private static final String RESOURCE = "seccomp-default.txt";
    private static final String KERNEL = "kernel ";
    private static final String CAPABILITY = "capability ";
    private static final Set<String> HEADS = Set.of("always", "kernel", "arch", "capability");

    SyscallTable {
        sections = Map.copyOf(sections);
    }

    /** Reads the table that is built in. */
    static SyscallTable load() {
        try (var in = SyscallTable.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + ": not among the class files");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Throws {@link IllegalArgumentException} naming the line that makes no sense. */
    static SyscallTable parse(String text) {
        var sections = new LinkedHashMap<String, List<String>>();
        List<String> names = new ArrayList<>();
        for (var line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            var words = List.of(line.strip().split("\\s+", -1));
            if (line.startsWith(" ")) {
                names.addAll(words);
                continue;
            }
            names = new ArrayList<>();
            boolean known =
                    HEADS.contains(words.getFirst())
                            && words.size() == (words.getFirst().equals("always") ? 1 : 2);
            if (!known || sections.put(String.join(" ", words), names) != null) {
                throw new IllegalArgumentException(
                        "%s: found \"%s\", wanted the head of a new section"
                                .formatted(RESOURCE, line));
            }
        }
        return new SyscallTable(sections);
    }

    /** The calls that are allowed whatever their arguments, sorted by name. */
    Set<String> allowed(Set<String> bounding, KernelVersion kernel, String architecture) {
        var names = new TreeSet<String>();
        sections.forEach(
                (head, calls) -> {
                    if (holds(head, bounding, kernel, architecture)) {
                        names.addAll(calls);
                    }
                });
        return names;
    }

    private static boolean holds(
            String head, Set<String> bounding, KernelVersion kernel, String architecture) {
        if (head.startsWith(KERNEL)) {
            var first = KernelVersion.parse(head.substring(KERNEL.length()));
            return kernel.compareTo(first) >= 0;
        }
        if (head.startsWith(CAPABILITY)) {
            return bounding.contains(head.substring(CAPABILITY.length()));
        }
        return head.equals("always") || head.equals("arch " + architecture);
    }
}
