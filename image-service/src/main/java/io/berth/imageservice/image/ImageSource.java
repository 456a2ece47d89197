package io.berth.imageservice.image;

import java.io.Closeable;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * Brings images to this node and names them in {@link ImageRecords}. What is named is complete,
 * verified and synced; after a failure nothing is named.
 */
public interface ImageSource extends Closeable {

    /** Pulls, or joins an equal pull that runs; goes on when the caller no longer waits. */
    Image pull(PullRequest request, PullProgress progress);

    /** Reads an OCI archive or one of docker save to its end; the caller closes it. */
    List<Image> load(InputStream archive, PullProgress progress);

    /** Makes a built-in image, pinned. */
    Image importBuiltin(BuiltinImage builtin);

    /**
     * Has the layers of an image that is here in a snapshotter, from what is here of it; at once if
     * they are there already.
     *
     * @param snapshotter its name; empty for the standard one
     * @return whether it had to be unpacked
     * @throws ImageException if a layer's bytes are not here, as when another image brought it
     */
    boolean unpack(Image image, Optional<String> snapshotter);

    /** Ends what runs; a later pull resumes it. */
    @Override
    void close();
}
