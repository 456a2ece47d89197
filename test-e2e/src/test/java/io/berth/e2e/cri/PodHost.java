package io.berth.e2e.cri;

import java.nio.file.Path;

/** What it takes to run pods somewhere: a connection, an image, and a folder for logs. */
public interface PodHost {
    /** The connection as of now; another one after the daemon was started again. */
    CriClient client();

    /** Reference of the image with a shell that containers run. */
    String reference();

    /** Where the folders of the pods' logs lie. */
    Path logs();

    /** What is in the uid of every pod of this party, and of nobody else's. */
    String mark();
}
