/**
 * Reads the image files of CRIU and tells whether the processes in them have more rights than the
 * container that they are restored for.
 *
 * <p>Main types: {@link io.berth.sandbox.criu.SavedRights}, the only way in; {@code ImageFolder},
 * the files of one checkpoint; {@code ImageSchema}, the files, messages and fields that are known;
 * {@code SeccompProof}, which shows that a saved filter allows no more than a profile.
 *
 * <p>Invariant: what is not known is refused, by the name of file and field; an image takes bounded
 * memory; nothing here changes a file. May be imported by .operation; imports the exceptions of
 * sandbox.
 */
@NullMarked
package io.berth.sandbox.criu;

import org.jspecify.annotations.NullMarked;
