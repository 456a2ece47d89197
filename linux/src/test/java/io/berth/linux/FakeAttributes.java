package io.berth.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What only root can give to a file, in memory. The user who runs the tests is shown as root. */
final class FakeAttributes {
    private static final int OWN_UID = own("unix:uid");
    private static final int OWN_GID = own("unix:gid");

    /** The device and its type, where a regular file stands for a node. */
    private record Device(int type, int major, int minor) {}

    /** The owner of a file. */
    private record Owner(int uid, int gid) {}

    private final Map<Stat.FileId, Device> devices = new ConcurrentHashMap<>();
    private final Map<Stat.FileId, Owner> owners = new ConcurrentHashMap<>();
    private final Map<Stat.FileId, Map<String, byte[]>> attributes = new ConcurrentHashMap<>();

    void device(Stat.FileId file, int type, long device) {
        int major = (int) ((device >>> 8) & 0xfff);
        int minor = (int) ((device & 0xff) | ((device >>> 12) & 0xfff00));
        devices.put(file, new Device(type, major, minor));
    }

    void owner(Stat.FileId file, int uid, int gid) {
        owners.compute(
                file,
                (_, old) ->
                        new Owner(
                                uid == -1 ? old == null ? 0 : old.uid() : uid,
                                gid == -1 ? old == null ? 0 : old.gid() : gid));
    }

    void forget(Stat.FileId file) {
        devices.remove(file);
        owners.remove(file);
        attributes.remove(file);
    }

    /** Gives a copy what the original has. */
    void copy(Stat.FileId from, Stat.FileId to) {
        Optional.ofNullable(devices.get(from)).ifPresent(it -> devices.put(to, it));
        Optional.ofNullable(owners.get(from)).ifPresent(it -> owners.put(to, it));
        Optional.ofNullable(attributes.get(from))
                .ifPresent(it -> attributes.put(to, new TreeMap<>(it)));
    }

    Stat shown(Stat real, boolean mountRoot) {
        var device = devices.get(real.id());
        var owner = owners.get(real.id());
        return new Stat(
                real.id(),
                device == null ? real.mode() : device.type() | real.permissions(),
                real.links(),
                owner == null ? own(real.uid(), OWN_UID) : owner.uid(),
                owner == null ? own(real.gid(), OWN_GID) : owner.gid(),
                device == null ? real.deviceMajor() : device.major(),
                device == null ? real.deviceMinor() : device.minor(),
                real.sizeBytes(),
                real.blocks(),
                real.modified(),
                mountRoot || real.mountRoot());
    }

    private static int own(String attribute) {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), attribute);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int own(int id, int mine) {
        return id == mine ? 0 : id;
    }

    void set(String call, Stat.FileId file, String name, byte[] value, int flags)
            throws LinuxException {
        var names = attributes.computeIfAbsent(file, _ -> new ConcurrentHashMap<>());
        if ((flags & Flags.XATTR_CREATE) != 0 && names.containsKey(name)) {
            throw new LinuxException(call, Errno.EEXIST, name);
        }
        if ((flags & Flags.XATTR_REPLACE) != 0 && !names.containsKey(name)) {
            throw new LinuxException(call, Errno.ENODATA, name);
        }
        names.put(name, value.clone());
    }

    Optional<byte[]> get(Stat.FileId file, String name) {
        return Optional.ofNullable(attributes.getOrDefault(file, Map.of()).get(name))
                .map(byte[]::clone);
    }

    void remove(Stat.FileId file, String name) {
        attributes.getOrDefault(file, new TreeMap<>()).remove(name);
    }

    /** The kernel's own names, without those that this stands for, and the ones in memory. */
    List<String> names(Stat.FileId file, List<String> real) {
        var names = new ArrayList<>(real);
        names.removeIf(name -> name.startsWith("trusted.") || name.startsWith("security."));
        names.addAll(attributes.getOrDefault(file, Map.of()).keySet());
        return names;
    }

    /** Whether a file stands for an overlay's whiteout. */
    boolean isWhiteout(Stat.FileId file) {
        return new Device(Flags.S_IFCHR, 0, 0).equals(devices.get(file));
    }

    /** Whether a directory hides what lies below it in an overlay. */
    boolean isOpaque(Stat.FileId file) {
        return get(file, "trusted.overlay.opaque").filter(it -> it.length == 1).isPresent();
    }
}
