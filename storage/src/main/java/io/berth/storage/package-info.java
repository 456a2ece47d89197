/**
 * The node's disk: one façade over the stores below one root.
 *
 * <p>Main types: {@link Storage}. Layout:
 *
 * <pre>
 * ROOT/lock            flock(2)ed while a process has the root open; holds its pid
 * ROOT/meta            records and the ledger; ROOT/meta.reserve beside it
 * ROOT/content         blobs and ingests
 * ROOT/snapshots/NAME  the snapshotter of that name
 * </pre>
 *
 * <p>Invariant: one process at a time has a root open.
 *
 * <p>Imported by {@code image-service}, {@code sandbox} and {@code daemon}.
 */
@NullMarked
package io.berth.storage;

import org.jspecify.annotations.NullMarked;
