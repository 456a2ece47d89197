package io.berth.cni.remains;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Ids that something on this host stands for, whoever made it: libcni's cache, which other runtimes
 * keep for as long as a pod is attached, and processes, by their cgroups and command lines.
 */
final class OtherOwners {
    private static final Pattern ID = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");
    private static final int MAX_BYTES = 1 << 16;

    private final Path libcni;

    /**
     * @param libcni the folder in which libcni keeps {@code results/NETWORK-ID-INTERFACE}
     */
    OtherOwners(Path libcni) {
        this.libcni = libcni;
    }

    static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    Set<String> ids() throws IOException {
        var ids = new HashSet<String>();
        try (var files = Files.newDirectoryStream(libcni.resolve("results"))) {
            files.forEach(file -> collect(String.valueOf(file.getFileName()), ids));
        } catch (NoSuchFileException | NotDirectoryException none) {
            // no other runtime has attached a pod
        }
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var process : processes) {
                for (var file : List.of("cgroup", "cmdline")) {
                    collect(read(process.resolve(file)), ids);
                }
            }
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
        return ids;
    }

    private static void collect(String text, Set<String> ids) {
        ID.matcher(text).results().forEach(found -> ids.add(found.group()));
    }

    private static String read(Path file) {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1);
        } catch (IOException ended) {
            return ""; // the process
        }
    }
}
