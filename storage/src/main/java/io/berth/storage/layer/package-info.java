/**
 * Applies one image layer, a tar stream of foreign bytes, to a directory.
 *
 * <p>Main types: {@link LayerStreams} (compressed bytes to tar), {@link LayerApplier} (tar to
 * files), {@link LayerLimits}, {@link HostileLayer}.
 *
 * <p>Invariant: nothing is read or written outside the directory that was given, whatever the tar
 * says; file effects go through handles of directories, never through paths of the tar's making.
 *
 * <p>Imported by {@code storage.snapshot}, {@code storage} and {@code image-service}.
 */
@NullMarked
package io.berth.storage.layer;

import org.jspecify.annotations.NullMarked;
