package io.berth.storage.layer;

import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.Stat;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The times that a layer's directories shall have when it is done, since every file made in one
 * changes them; and which directories are implied. Directories are known by inode number.
 */
final class LayerTimes {
    private record Due(LayerPath path, Instant modified) {}

    private final Linux linux;
    private final WhiteoutStyle style;
    private final Map<Long, Due> due = new LinkedHashMap<>();
    private final Map<Long, LayerPath> implied = new LinkedHashMap<>();

    LayerTimes(Linux linux, WhiteoutStyle style) {
        this.linux = linux;
        this.style = style;
    }

    /** A directory that was there; in a copy of the parents it keeps its time. */
    void found(LayerPath path, Stat stat) {
        if (style == WhiteoutStyle.DELETE) {
            due.putIfAbsent(stat.id().inode(), new Due(path, stat.modified()));
        }
    }

    /** A directory that had to be made for a member in it. */
    void implied(LayerPath path, Stat stat, boolean inherits) {
        due.put(stat.id().inode(), new Due(path, Instant.EPOCH));
        if (inherits) {
            implied.put(stat.id().inode(), path);
        }
    }

    /** A directory that is a member itself. */
    void member(LayerPath path, Stat stat, Instant modified) {
        due.put(stat.id().inode(), new Due(path, modified));
        implied.remove(stat.id().inode());
    }

    /** Sets the times of the directories that are still there. */
    void apply(LayerDirectories directories) throws IOException {
        for (Map.Entry<Long, Due> entry : due.entrySet()) {
            Due time = entry.getValue();
            if (time.path().isRoot()) {
                linux.utimensat(directories.root(), "", time.modified(), time.modified());
                continue;
            }
            var parent = directories.find(time.path().toString(), time.path().parent());
            if (parent.isPresent()
                    && isStill(directories, parent.get(), time.path(), entry.getKey())) {
                linux.utimensat(
                        parent.get().fd(), time.path().name(), time.modified(), time.modified());
            }
        }
    }

    /** The implied directories that are still there, parents first. */
    List<String> implied(LayerDirectories directories) throws IOException {
        var paths = new ArrayList<String>();
        for (Map.Entry<Long, LayerPath> entry : implied.entrySet()) {
            LayerPath path = entry.getValue();
            var parent = directories.find(path.toString(), path.parent());
            if (parent.isPresent() && isStill(directories, parent.get(), path, entry.getKey())) {
                paths.add(path.toString());
            }
        }
        return paths;
    }

    private static boolean isStill(
            LayerDirectories directories,
            LayerDirectories.Handle parent,
            LayerPath path,
            long inode)
            throws LinuxException {
        Optional<Stat> stat = directories.stat(parent.fd(), path.name());
        return stat.isPresent() && stat.get().isDirectory() && stat.get().id().inode() == inode;
    }
}
