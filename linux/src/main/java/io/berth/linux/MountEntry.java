package io.berth.linux;

import java.nio.file.Path;
import java.util.List;

/**
 * One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). {@code root} is the directory of the
 * file system that is mounted; {@code propagation} holds the optional fields such as {@code
 * shared:3}.
 */
public record MountEntry(
        int id,
        int parentId,
        String device,
        String root,
        Path mountPoint,
        List<String> options,
        List<String> propagation,
        String type,
        String source,
        List<String> superOptions) {
    public MountEntry {
        options = List.copyOf(options);
        propagation = List.copyOf(propagation);
        superOptions = List.copyOf(superOptions);
    }
}
