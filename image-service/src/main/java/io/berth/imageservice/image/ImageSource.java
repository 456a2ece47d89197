package io.berth.imageservice.image;

import java.io.Closeable;
import java.io.InputStream;
import java.util.List;

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

    /** Ends what runs; a later pull resumes it. */
    @Override
    void close();
}
