package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Makes cgroups. */
final class CgroupCreation {
    private static final List<String> INHERITED = List.of("cpuset.cpus", "cpuset.mems");
    private final Linux linux;
    private final CgroupLayout layout;

    CgroupCreation(Linux linux, CgroupLayout layout) {
        this.linux = linux;
        this.layout = layout;
    }

    void create(CgroupPath cgroup) throws IOException {
        switch (layout) {
            case CgroupLayout.Unified(var root) -> {
                Path parent = root;
                for (Path part : cgroup.in(Path.of(""))) {
                    delegate(parent);
                    parent = parent.resolve(part);
                    makeDirectory(parent);
                }
            }
            case CgroupLayout.Legacy(var hierarchies, _) -> {
                for (CgroupLayout.Hierarchy hierarchy : hierarchies) {
                    Path parent = hierarchy.root();
                    for (Path part : cgroup.in(Path.of(""))) {
                        Path directory = parent.resolve(part);
                        makeDirectory(directory);
                        if (hierarchy.controllers().contains("cpuset")) {
                            inherit(parent, directory);
                        }
                        parent = directory;
                    }
                }
            }
        }
    }

    private void makeDirectory(Path directory) throws LinuxException {
        try {
            linux.mkdirat(LinuxFd.AT_FDCWD, directory.toString(), 0755);
        } catch (LinuxException exists) {
            if (exists.errno() != Errno.EEXIST) {
                throw exists;
            }
        }
    }

    /** A v1 cpuset starts empty and takes no process until it has cpus and mems. */
    private void inherit(Path parent, Path directory) throws IOException {
        for (String file : INHERITED) {
            Path own = directory.resolve(file);
            if (CgroupFiles.text(own).filter(text -> !text.isBlank()).isEmpty()) {
                var above = CgroupFiles.text(parent.resolve(file)).map(String::strip);
                if (above.isPresent() && !above.get().isEmpty()) {
                    write(own, above.get());
                }
            }
        }
    }

    /** Lets children use the controllers that {@code parent} has (cgroup-v2, subtree_control). */
    private void delegate(Path parent) throws IOException {
        String all = CgroupFiles.text(parent.resolve("cgroup.controllers")).orElse("").strip();
        Path control = parent.resolve("cgroup.subtree_control");
        var enabled = Arrays.asList(CgroupFiles.text(control).orElse("").strip().split(" ", -1));
        String wanted =
                Arrays.stream(all.split(" ", -1))
                        .filter(
                                controller ->
                                        !controller.isEmpty() && !enabled.contains(controller))
                        .map(controller -> "+" + controller)
                        .collect(Collectors.joining(" "));
        if (!wanted.isEmpty()) {
            write(control, wanted);
        }
    }

    private void write(Path file, String text) throws LinuxException {
        try (var fd = linux.open(file, Flags.O_WRONLY, 0)) {
            linux.writeFully(fd, ByteBuffer.wrap(text.getBytes(UTF_8)));
        }
    }
}
