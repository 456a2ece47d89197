package io.berth.sandbox.security;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.berth.linux.Flags;
import io.berth.linux.Stat;
import java.util.Optional;

/**
 * A device node that a container gets, as one of the host is.
 *
 * @param path where it is in the container
 * @param type {@code c}, {@code b}, or {@code p} for a FIFO
 * @param mode permission bits
 */
public record HostDevice(
        String path, String type, int major, int minor, int mode, int uid, int gid) {

    /** The node that a file of the host is, if it is one. */
    static Optional<HostDevice> of(String path, Stat file) {
        var type =
                switch (file.type()) {
                    case Flags.S_IFCHR -> "c";
                    case Flags.S_IFBLK -> "b";
                    case Flags.S_IFIFO -> "p";
                    default -> "";
                };
        if (type.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new HostDevice(
                        path,
                        type,
                        file.deviceMajor(),
                        file.deviceMinor(),
                        file.permissions(),
                        file.uid(),
                        file.gid()));
    }

    boolean fifo() {
        return type.equals("p");
    }

    /** Adds it to the spec's {@code linux.devices}. */
    void node(ArrayNode devices) {
        devices.addObject()
                .put("type", type)
                .put("path", path)
                .put("major", major)
                .put("minor", minor)
                .put("fileMode", mode)
                .put("uid", uid)
                .put("gid", gid);
    }

    /** Adds to the spec's {@code linux.resources.devices} that it may be used. */
    void rule(ArrayNode rules, String access) {
        rules.addObject()
                .put("allow", true)
                .put("type", type)
                .put("major", major)
                .put("minor", minor)
                .put("access", access);
    }
}
