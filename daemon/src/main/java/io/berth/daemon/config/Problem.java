package io.berth.daemon.config;

import java.nio.file.Path;

/**
 * One thing wrong in one file.
 *
 * @param line counted from 1, or 0 if no line is to blame
 * @param message subject first, found and wanted
 */
public record Problem(Path file, int line, String message) {
    @Override
    public String toString() {
        return line == 0 ? file + ": " + message : file + ":" + line + ": " + message;
    }
}
