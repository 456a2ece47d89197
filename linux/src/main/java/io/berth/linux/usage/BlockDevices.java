package io.berth.linux.usage;

import java.nio.file.Path;

/** Names of block devices. */
public final class BlockDevices {
    private static final String KEY = "DEVNAME=";

    private BlockDevices() {}

    /** Such as {@code /dev/sda1}; {@code major:minor} of one that has no node, as btrfs's have. */
    public static String name(int major, int minor) {
        var number = major + ":" + minor;
        var text = KernelFile.text(Path.of("/sys/dev/block", number, "uevent")).orElse("");
        for (var line : text.split("\n", -1)) {
            if (line.startsWith(KEY)) {
                return "/dev/" + line.substring(KEY.length());
            }
        }
        return number;
    }
}
