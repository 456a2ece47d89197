package io.berth.sandbox.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** A rig's folder: sockets with names of 64 digits lie below it, and a path may have 107 bytes. */
public final class ShortFolder implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext field, ExtensionContext test)
            throws IOException {
        return Files.createTempDirectory("b");
    }
}
