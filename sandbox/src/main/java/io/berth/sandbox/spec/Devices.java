package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;

/** Which device nodes a container may use: those that every container has, and no other. */
final class Devices {
    private static final int ANY = -1;

    /** A character device by its numbers (kernel, admin-guide/devices.txt). */
    private record CharDevice(int major, int minor) {}

    private static final List<CharDevice> ALLOWED =
            List.of(
                    new CharDevice(1, 3), // null
                    new CharDevice(1, 5), // zero
                    new CharDevice(1, 7), // full
                    new CharDevice(1, 8), // random
                    new CharDevice(1, 9), // urandom
                    new CharDevice(5, 0), // tty
                    new CharDevice(5, 1), // console
                    new CharDevice(5, 2), // ptmx
                    new CharDevice(136, ANY)); // pts/*

    private Devices() {}

    /** Rules in order: the last that matches decides. */
    static ArrayNode rules() {
        var rules = OciJson.array();
        rules.addObject().put("allow", false).put("access", "rwm");
        for (var device : ALLOWED) {
            var rule = rules.addObject().put("allow", true).put("type", "c");
            rule.put("major", device.major());
            if (device.minor() != ANY) {
                rule.put("minor", device.minor());
            }
            rule.put("access", "rwm");
        }
        return rules;
    }
}
