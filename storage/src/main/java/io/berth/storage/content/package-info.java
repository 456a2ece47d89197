/**
 * Content: immutable blobs found by the digest of their bytes.
 *
 * <p>Main types: {@link ContentStore}, {@link Digest}, {@link Blob}, {@link Ingest} (a blob being
 * written). Only {@code ContentFiles} knows paths:
 *
 * <pre>
 * content/blobs/sha256/HEX      a blob, read-only
 * content/ingest/ID/ref         who writes: the caller's name for it, UTF-8
 * content/ingest/ID/data        what has been written so far; ID is from the hash of the ref
 * </pre>
 *
 * <p>Invariant: a file below {@code blobs} is complete, synced and has the digest of its name; each
 * directory below {@code ingest} is in the ledger under kind {@code ingest}.
 *
 * <p>Imported by {@code storage}, {@code storage.lease}, {@code image-service} and {@code sandbox}.
 */
@NullMarked
package io.berth.storage.content;

import org.jspecify.annotations.NullMarked;
