package io.berth.storage.layer;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** Applies the tar of one layer (OCI image-spec, layer.md) to a directory of ours. */
public final class LayerApplier {
    private final Linux linux;

    public LayerApplier(Linux linux) {
        this.linux = linux;
    }

    /**
     * Makes the files that {@code tar} holds below {@code directory}, with owners, modes, times to
     * the nanosecond, extended attributes, hard links, devices, FIFOs and holes, and turns
     * whiteouts into what {@code style} says. Reads the stream to its end, beyond the archive's, so
     * that whoever hashes it sees all. Nothing is synced: the commit does that.
     *
     * <p>An entry in a directory that is a symlink lands where the symlink leads inside the layer,
     * and never outside. The whole is the step {@code layer.apply}, on this thread.
     *
     * @param directory the layer's root: empty (OVERLAY) or a copy of the parents (DELETE), and
     *     written by nobody else meanwhile
     * @throws HostileLayer when the tar is damaged or refused; what was made until then stays,
     *     inside the directory, for the caller to discard
     * @throws IOException when the stream or the file system fails
     */
    public LayerApplied apply(
            InputStream tar, Path directory, WhiteoutStyle style, LayerLimits limits)
            throws IOException {
        return Steps.run(
                "layer.apply",
                directory.toString(),
                () -> {
                    try (var sink = new DirectorySink(linux, directory, style, limits)) {
                        long entries = new LayerMembers(sink, limits).read(tar);
                        return sink.finish(entries);
                    } catch (LinuxException refused) {
                        throw foreign(refused);
                    }
                });
    }

    /** A refusal that can only come from the tar's own making. */
    private static LinuxException foreign(LinuxException refused) {
        if (refused.errno() == Errno.ENAMETOOLONG || refused.errno() == Errno.EMLINK) {
            throw new HostileLayer(refused.subject(), refused.errnoName(), "names that fit");
        }
        return refused;
    }
}
