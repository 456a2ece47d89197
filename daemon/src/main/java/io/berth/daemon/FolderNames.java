package io.berth.daemon;

import java.nio.file.Path;

/** Checks the names of the daemon's own folders, which become options of overlay mounts. */
final class FolderNames {
    /** They separate and escape layers and options (mount(8), overlayfs). */
    private static final String SEPARATORS = ":,\\\"";

    private FolderNames() {}

    /**
     * Returns if layers below the folder can be mounted.
     *
     * @throws DaemonProcess.Refused if a character of the name has a meaning in mount options
     */
    static void require(String key, Path folder) {
        folder.toString()
                .codePoints()
                .filter(c -> SEPARATORS.indexOf(c) >= 0 || Character.isISOControl(c))
                .findFirst()
                .ifPresent(
                        c -> {
                            throw new DaemonProcess.Refused(
                                    ("berth daemon: %s: found %s in '%s', wanted a path without"
                                                    + " : , \\ \" and control characters: layers"
                                                    + " below it could not be mounted")
                                            .formatted(key, named(c), printable(folder)));
                        });
    }

    private static String named(int character) {
        return Character.isISOControl(character)
                ? "control character %d".formatted(character)
                : "'%s'".formatted(Character.toString(character));
    }

    private static String printable(Path folder) {
        return folder.toString().replaceAll("\\p{Cntrl}", "?");
    }
}
