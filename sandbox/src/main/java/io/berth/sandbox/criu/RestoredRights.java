package io.berth.sandbox.criu;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The check of restored processes through /proc, before they run. The native program makes it when
 * CRIU has set all that a process has and still holds every thread: it reads the file {@value
 * #RIGHTS}, kills processes that have more, and writes the file {@value #VERDICT}. Without that
 * file nothing was checked.
 */
public final class RestoredRights {
    /** Name of the file beside the images that says what the processes may have. */
    public static final String RIGHTS = "rights";

    /** Name of the file that says whether the processes were checked; of one restore alone. */
    public static final String VERDICT = "verdict";

    private static final String HELD = "held ";
    private static final int MAX_VERDICT_BYTES = 1024;

    /** Names in /proc/PID/ns of the namespaces that OCI configs have names for. */
    private static final Map<String, String> NAMESPACES =
            Map.of(
                    "pid", "pid",
                    "network", "net",
                    "ipc", "ipc",
                    "uts", "uts",
                    "mount", "mnt",
                    "user", "user",
                    "cgroup", "cgroup",
                    "time", "time");

    /** CRIU makes a time namespace of its own, in which the saved clock goes on. */
    private static final Map<String, String> HOST = Map.of("time", "any");

    private RestoredRights() {}

    /**
     * Returns the content of the file that the native program reads.
     *
     * @param spec the OCI config of the request
     */
    public static byte[] of(byte[] spec) throws IOException {
        return of(ForeignJson.OWN.own("config.json", spec)).getBytes(UTF_8);
    }

    static String of(JsonNode spec) {
        var wanted = new WantedRights(spec);
        var lines = new TreeMap<String, String>();
        var reachable = Long.toHexString(wanted.reachable());
        for (var set : new String[] {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
            lines.put(set, reachable);
        }
        lines.put("CapBnd", Long.toHexString(wanted.bounding()));
        lines.put("NoNewPrivs", wanted.noNewPrivileges() ? "1" : "0");
        lines.put("Seccomp", spec.at("/linux/seccomp").isObject() ? "1" : "0");
        lines.put("Uid", ids(wanted.changesUsers(), Set.of(wanted.uid())));
        lines.put("Gid", ids(wanted.changesGroups(), Set.of(wanted.gid())));
        lines.put("Groups", ids(wanted.changesGroups(), new TreeSet<>(wanted.groups())));
        var asked = wanted.namespaces();
        NAMESPACES.forEach(
                (type, name) -> {
                    var path = asked.getOrDefault(type, "");
                    var how = asked.containsKey(type) ? "new" : HOST.getOrDefault(type, "host");
                    lines.put("ns-" + name, path.isEmpty() ? how : path);
                });
        lines.put("Cgroup", cgroup(spec.at("/linux/cgroupsPath").asText("")));
        return lines.entrySet().stream()
                .map(line -> line.getKey() + ":" + line.getValue() + "\n")
                .collect(Collectors.joining());
    }

    private static String ids(boolean any, Collection<Long> ids) {
        return any
                ? "any"
                : ids.stream().map(String::valueOf).collect(Collectors.joining(" ", " ", " "));
    }

    /**
     * Returns the name of a cgroup by its path, which is SLICE:PREFIX:NAME where systemd makes it.
     */
    private static String cgroup(String path) {
        var parts = path.split(":", -1);
        if (parts.length == 3) {
            return "%s-%s.scope".formatted(parts[1], parts[2]);
        }
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /**
     * Returns if the processes of a container were checked and held.
     *
     * @param title the container in messages
     * @param folder the folder that the images and the rights are in
     * @throws SandboxException.Failed with the reason why they were refused, or if none was written
     */
    public static void requireHeld(String title, Path folder) throws IOException {
        var verdict = verdict(folder);
        if (!verdict.startsWith(HELD)) {
            throw new SandboxException.Failed(
                    "container %s: its restored processes were not checked before they ran%s; berth ends them"
                            .formatted(title, verdict.isEmpty() ? "" : ": " + verdict));
        }
    }

    /** Returns why restored processes were refused, for the end of a message; empty if not. */
    public static String refusal(Path folder) {
        try {
            var verdict = verdict(folder);
            return verdict.isEmpty() || verdict.startsWith(HELD)
                    ? ""
                    : ": its restored processes were killed before they ran: " + verdict;
        } catch (IOException unread) {
            return ": " + unread.getMessage();
        }
    }

    private static String verdict(Path folder) throws IOException {
        try (var in = Files.newInputStream(folder.resolve(VERDICT))) {
            return new String(in.readNBytes(MAX_VERDICT_BYTES), UTF_8).strip();
        } catch (NoSuchFileException none) {
            return "";
        }
    }
}
