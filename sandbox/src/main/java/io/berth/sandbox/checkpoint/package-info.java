/**
 * Reads the checkpoint of a pod or of a container, whose files are foreign, and tells whether a
 * request fits it.
 *
 * <p>Main types: {@link SavedPod} (what a checkpoint holds), {@link SavedContainer}, {@link
 * SavedFiles} (the only way to its files), {@link SavedProcess} (the comparison of OCI configs).
 *
 * <p>Invariant: nothing outside the checkpoint's folder is read, no link in it is followed, no file
 * of it is changed, and every size is checked before memory or disk is taken. What CRIU's own
 * images may do is checked by .criu. Imported by .operation.
 */
@NullMarked
package io.berth.sandbox.checkpoint;

import org.jspecify.annotations.NullMarked;
