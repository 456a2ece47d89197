/**
 * The folders on the host that belong to one pod or one container.
 *
 * <p>{@link io.berth.sandbox.folder.OwnedFolders} makes them, {@link
 * io.berth.sandbox.folder.StandingFolders} brings those of earlier daemons to the same form, and
 * {@link io.berth.sandbox.folder.PodShm} is the folder of a pod's /dev/shm. Invariant: no user of
 * the host but root passes through such a folder, since files of foreign roots, setuid programs
 * among them, are mounted below; in a pod with a user namespace the namespace's root group may pass
 * too. Imported by operation, recovery and daemon.
 */
@NullMarked
package io.berth.sandbox.folder;

import org.jspecify.annotations.NullMarked;
