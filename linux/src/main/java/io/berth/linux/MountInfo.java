package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Reads /proc/self/mountinfo. */
public final class MountInfo {
    /** A path in which nothing is escaped stands in a line as it is. */
    private static final Pattern PLAIN = Pattern.compile("[!-~&&[^\\\\#]]+");

    private MountInfo() {}

    /** The mounts of this process's mount namespace, in the kernel's order. */
    public static List<MountEntry> read() throws IOException {
        return parse(text());
    }

    private static String text() throws IOException {
        return new String(Files.readAllBytes(Path.of("/proc/self/mountinfo")), UTF_8);
    }

    /** Those at {@code directory} or below it; links on the way to it are followed. */
    public static List<MountEntry> below(Path directory) throws IOException {
        return below(real(directory), text());
    }

    /**
     * Returns the path by which the kernel names a file in /proc: without links, as far as it
     * exists.
     */
    public static Path real(Path path) throws IOException {
        try {
            return path.toRealPath();
        } catch (NoSuchFileException absent) {
            var parent = path.getParent();
            return parent == null ? path : real(parent).resolve(path.getFileName());
        }
    }

    /** The same of the text of a mountinfo file; a node has a line or two for each container. */
    static List<MountEntry> below(Path directory, String text) {
        var name = directory.toString();
        boolean plain = PLAIN.matcher(name).matches();
        return text.lines()
                .filter(line -> plain ? line.contains(name) : !line.isBlank())
                .map(MountInfo::entry)
                .filter(entry -> entry.mountPoint().startsWith(directory))
                .toList();
    }

    /**
     * Parses the text of a mountinfo file.
     *
     * @throws IllegalArgumentException naming the line that is not of the documented form
     */
    public static List<MountEntry> parse(String text) {
        var entries = new ArrayList<MountEntry>();
        text.lines().filter(line -> !line.isBlank()).forEach(line -> entries.add(entry(line)));
        return List.copyOf(entries);
    }

    private static MountEntry entry(String line) {
        List<String> words = Arrays.asList(line.split(" ", -1));
        int dash = words.size() < 6 ? -1 : words.subList(6, words.size()).indexOf("-") + 6;
        if (dash < 6 || words.size() < dash + 3) {
            throw new IllegalArgumentException(
                    "mountinfo: found \"%s\", wanted six fields, options, - and three fields"
                            .formatted(line));
        }
        try {
            return new MountEntry(
                    Integer.parseInt(words.get(0)),
                    Integer.parseInt(words.get(1)),
                    words.get(2),
                    unescape(words.get(3)),
                    Path.of(unescape(words.get(4))),
                    options(words.get(5)),
                    words.subList(6, dash),
                    unescape(words.get(dash + 1)),
                    unescape(words.get(dash + 2)),
                    words.size() > dash + 3 ? options(words.get(dash + 3)) : List.of());
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    "mountinfo: found \"%s\", wanted mount ids as numbers".formatted(line),
                    notANumber);
        }
    }

    private static List<String> options(String field) {
        return Arrays.stream(field.split(",", -1)).map(MountInfo::unescape).toList();
    }

    /**
     * Space, tab, newline, backslash and number sign stand as a backslash and three octal digits.
     */
    private static String unescape(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        byte[] bytes = field.getBytes(UTF_8);
        var plain = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\\'
                    && octal(bytes, i + 1)
                    && octal(bytes, i + 2)
                    && octal(bytes, i + 3)) {
                plain.write(
                        ((bytes[i + 1] & 7) << 6) | ((bytes[i + 2] & 7) << 3) | (bytes[i + 3] & 7));
                i += 3;
            } else {
                plain.write(bytes[i]);
            }
        }
        return plain.toString(UTF_8);
    }

    private static boolean octal(byte[] bytes, int at) {
        return at < bytes.length && bytes[at] >= '0' && bytes[at] <= '7';
    }
}
