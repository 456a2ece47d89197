package io.berth.cni;

import java.io.IOException;
import java.nio.file.Path;

/** Makes a network namespace and pins it at a path, whose folder is there. */
@FunctionalInterface
public interface NetnsMaker {
    /** Makes it. */
    void make(Path pin) throws IOException;
}
