package io.berth.sandbox.security;

import io.berth.cri.v1.ContainerConfig;
import io.berth.linux.Errno;
import io.berth.linux.FileCalls;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds the device nodes of the host that a container asks for; a folder stands for all below. */
final class HostDevices {
    private static final Path DEV = Path.of("/dev");
    private static final Pattern PERMISSIONS = Pattern.compile("[rwm]{1,3}");

    /** What a container has of its own, or what is not the business of devices. */
    private static final Set<String> NOT_LISTED =
            Set.of("pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console");

    /** More than any host has; a folder that asks for more is no folder of devices. */
    private static final int MAX_DEVICES = 16_384;

    private static final int MAX_DEPTH = 16;

    private final Linux linux;

    HostDevices(Linux linux) {
        this.linux = linux;
    }

    /** A device with what the container may do with it. */
    record Granted(HostDevice device, String access) {}

    /** Every device below /dev, at the same path. */
    List<HostDevice> all() throws IOException {
        var found = new ArrayList<HostDevice>();
        list(DEV, DEV.toString(), 0, found);
        return found;
    }

    /**
     * The devices of a request, in its order.
     *
     * @throws SandboxException.InvalidRequest naming the entry that leads to no device
     */
    List<Granted> asked(ContainerConfig config) throws IOException {
        var granted = new ArrayList<Granted>();
        for (int i = 0; i < config.getDevicesCount(); i++) {
            var asked = config.getDevices(i);
            var name = "config.devices[" + i + "].";
            var access = asked.getPermissions();
            if (!PERMISSIONS.matcher(access).matches()) {
                throw new SandboxException.InvalidRequest(
                        "%spermissions: found '%s', wanted some of r, w and m"
                                .formatted(name, access));
            }
            var host = absolute(asked.getHostPath(), name + "host_path");
            var inside =
                    asked.getContainerPath().isEmpty()
                            ? host
                            : absolute(asked.getContainerPath(), name + "container_path");
            for (var device : at(host, inside, name + "host_path")) {
                granted.add(new Granted(device, access));
            }
        }
        return granted;
    }

    private List<HostDevice> at(Path host, Path inside, String field) throws IOException {
        try {
            var real = host.toRealPath();
            var file = linux.lstat(real);
            if (file.isDirectory()) {
                var found = new ArrayList<HostDevice>();
                list(real, inside.toString(), 0, found);
                return found;
            }
            return List.of(
                    HostDevice.of(inside.toString(), file)
                            .orElseThrow(
                                    () -> bad(field, host, "is neither a device nor a folder")));
        } catch (NoSuchFileException missing) {
            throw bad(field, host, "is not on this node");
        }
    }

    private void list(Path folder, String inside, int depth, List<HostDevice> found)
            throws IOException {
        if (depth > MAX_DEPTH) {
            throw bad("devices", folder, "lies deeper than %d folders".formatted(MAX_DEPTH));
        }
        var entries = new ArrayList<FileCalls.DirectoryEntry>();
        int flags = Flags.O_RDONLY | Flags.O_DIRECTORY | Flags.O_CLOEXEC;
        try (var open = linux.open(folder, flags, 0)) {
            for (var some = linux.getdents(open); !some.isEmpty(); some = linux.getdents(open)) {
                entries.addAll(some);
                if (entries.size() > MAX_DEVICES) {
                    throw bad("devices", folder, "has more than %d files".formatted(MAX_DEVICES));
                }
            }
        }
        for (var entry : entries) {
            var name = entry.name();
            if (!name.equals(".") && !name.equals("..") && !NOT_LISTED.contains(name)) {
                add(folder.resolve(name), inside + "/" + name, depth, found);
            }
        }
    }

    private void add(Path path, String inside, int depth, List<HostDevice> found)
            throws IOException {
        try {
            var file = linux.lstat(path);
            if (file.isDirectory()) {
                list(path, inside, depth + 1, found);
                return;
            }
            HostDevice.of(inside, file).filter(device -> !device.fifo()).ifPresent(found::add);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return; // devices come and go
        }
        if (found.size() > MAX_DEVICES) {
            throw bad("devices", path, "is one of more than %d".formatted(MAX_DEVICES));
        }
    }

    private static Path absolute(String path, String field) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new SandboxException.InvalidRequest(
                    "%s: found '%s', wanted an absolute path".formatted(field, path));
        }
        return Path.of(path).normalize();
    }

    private static SandboxException.InvalidRequest bad(String field, Path path, String what) {
        return new SandboxException.InvalidRequest("%s: %s %s".formatted(field, path, what));
    }
}
