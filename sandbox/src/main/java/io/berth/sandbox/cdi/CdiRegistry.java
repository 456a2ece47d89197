package io.berth.sandbox.cdi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.Linux;
import io.berth.linux.foreign.ForeignFiles;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds devices in the node's folders of CDI files, as they are at the moment of the question. A
 * device of a later folder replaces one of an earlier; two of one folder are a conflict, and
 * neither is given. A file that is not understood takes only its own devices with it.
 */
public final class CdiRegistry {
    private static final System.Logger LOG = System.getLogger(CdiRegistry.class.getName());
    private static final int MAX_FILES = 1000;
    private static final int MAX_NAMED_PROBLEMS = 3;

    private final Linux linux;
    private final List<Path> folders;

    public CdiRegistry(Linux linux, List<Path> folders) {
        this.linux = linux;
        this.folders = List.copyOf(folders);
    }

    /** A device, and the file that it comes from. */
    private record Found(CdiFile file, int folder, ObjectNode edits) {}

    /**
     * What the devices of these names change, each once. Reads files: for a thread that may block.
     *
     * @throws SandboxException.InvalidRequest naming each that cannot be given, and why
     */
    public CdiDevices resolve(List<String> names) throws IOException {
        if (names.isEmpty()) {
            return CdiDevices.NONE;
        }
        var problems = new ArrayList<String>();
        var devices = scan(problems);
        var edits = new ArrayList<ObjectNode>();
        var files = new HashSet<Path>();
        var missing = new ArrayList<String>();
        for (var name : new LinkedHashSet<>(names)) {
            var found = devices.get(name);
            if (found == null) {
                missing.add(
                        CdiName.parse(name).isPresent()
                                ? name
                                : "'" + name + "' (wanted VENDOR/CLASS=NAME)");
                continue;
            }
            if (files.add(found.file().path())) {
                edits.add(complete(found.file().edits(), name));
            }
            edits.add(complete(found.edits(), name));
        }
        if (!missing.isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    "CDI devices %s: no file in %s has them%s"
                            .formatted(String.join(", ", missing), folders, because(problems)));
        }
        return new CdiDevices(edits);
    }

    private static String because(List<String> problems) {
        if (problems.isEmpty()) {
            return "";
        }
        int more = problems.size() - MAX_NAMED_PROBLEMS;
        return "; not taken: "
                + String.join(
                        "; ", problems.subList(0, Math.min(MAX_NAMED_PROBLEMS, problems.size())))
                + (more > 0 ? "; and %d more".formatted(more) : "");
    }

    private Map<String, Found> scan(List<String> problems) throws IOException {
        var devices = new LinkedHashMap<String, Found>();
        var conflicts = new HashSet<String>();
        for (int i = 0; i < folders.size(); i++) {
            for (var path : files(folders.get(i))) {
                try {
                    add(read(path), i, devices, conflicts, problems);
                } catch (IOException | CdiProblem problem) {
                    problems.add("%s: %s".formatted(path, problem.getMessage()));
                }
            }
        }
        devices.keySet().removeAll(conflicts);
        problems.forEach(problem -> LOG.log(System.Logger.Level.WARNING, "CDI file {0}", problem));
        return devices;
    }

    private static void add(
            CdiFile file,
            int folder,
            Map<String, Found> devices,
            Set<String> conflicts,
            List<String> problems) {
        file.devices()
                .forEach(
                        (device, edits) -> {
                            var name = new CdiName(file.kind(), device).toString();
                            var old = devices.put(name, new Found(file, folder, edits));
                            if (old == null || old.folder() < folder) {
                                conflicts.remove(name);
                                return;
                            }
                            conflicts.add(name);
                            problems.add(
                                    "%s: device %s is in %s too"
                                            .formatted(file.path(), name, old.file().path()));
                        });
    }

    private CdiFile read(Path path) throws IOException, CdiProblem {
        return CdiFile.parse(path, new ForeignFiles(linux).read(path, CdiFile.MAX_BYTES));
    }

    private static List<Path> files(Path folder) throws IOException {
        var found = new ArrayList<Path>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        DirectoryStream.Filter<Path> ours =
                path -> path.toString().endsWith(".json") || path.toString().endsWith(".yaml");
        try (var paths = Files.newDirectoryStream(folder, ours)) {
            for (var path : paths) {
                found.add(path);
                if (found.size() > MAX_FILES) {
                    throw new SandboxException.InvalidRequest(
                            "CDI folder %s: has more than %d files".formatted(folder, MAX_FILES));
                }
            }
        }
        found.sort(null);
        return found;
    }

    private ObjectNode complete(ObjectNode edits, String name) throws IOException {
        if (!CdiFields.list(edits, "netDevices").isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    "CDI device %s: moves network interfaces, which berth does not do yet"
                            .formatted(name));
        }
        var copy = edits.deepCopy();
        for (var device : CdiFields.list(copy, "deviceNodes")) {
            CdiDeviceNode.complete((ObjectNode) device, linux, name);
        }
        return copy;
    }
}
