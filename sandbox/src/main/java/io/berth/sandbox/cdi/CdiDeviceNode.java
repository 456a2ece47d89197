package io.berth.sandbox.cdi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.Stat;
import io.berth.sandbox.SandboxException;
import java.nio.file.Path;

/** Adds to a device node what its file leaves to the host's own node. */
final class CdiDeviceNode {
    private static final String FIFO = "p";

    private CdiDeviceNode() {}

    /**
     * Type, numbers and mode, as far as they are not given. A node whose type and numbers are given
     * need not be on the host.
     *
     * @param name the device that was asked for, for messages
     */
    static void complete(ObjectNode device, Linux linux, String name) {
        var inside = device.get("path").asText();
        var host = device.path("hostPath").asText(inside);
        var given = device.path("type").asText();
        boolean whole =
                !given.isEmpty() && (device.path("major").asLong() != 0 || given.equals(FIFO));
        Stat file;
        try {
            file = linux.lstat(Path.of(host.isEmpty() ? inside : host));
        } catch (LinuxException missing) {
            if (whole) {
                return;
            }
            throw bad(name, host, "cannot be looked at: " + missing.getMessage());
        }
        if (!device.has("fileMode")) {
            device.put("fileMode", file.permissions());
        }
        if (whole) {
            return;
        }
        var type = type(file);
        if (type.isEmpty() || (!given.isEmpty() && !given.equals(type))) {
            throw bad(name, host, type.isEmpty() ? "is no device" : "is of type " + type);
        }
        device.put("type", type);
        if (!type.equals(FIFO) && device.path("major").asLong() == 0) {
            device.put("major", file.deviceMajor()).put("minor", file.deviceMinor());
        }
    }

    private static String type(Stat file) {
        return switch (file.type()) {
            case Flags.S_IFCHR -> "c";
            case Flags.S_IFBLK -> "b";
            case Flags.S_IFIFO -> FIFO;
            default -> "";
        };
    }

    private static SandboxException.InvalidRequest bad(String name, String host, String what) {
        return new SandboxException.InvalidRequest(
                "CDI device %s: its node %s %s".formatted(name, host, what));
    }
}
