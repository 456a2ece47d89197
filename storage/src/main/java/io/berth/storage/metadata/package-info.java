/**
 * The node's records: one RocksDB, one column family a kind of record, and the ledger on it.
 *
 * <p>Main types: {@link Metadata} (the store), {@link Family} (a kind of record), {@link Table}
 * (reads), {@link Documents} (bytes that no memory holds), {@link Batch} (one atomic change),
 * {@link Ledger} (what exists outside the store).
 *
 * <pre>
 * meta/             RocksDB's own files; its LOCK keeps a second process out
 * meta.reserve      space that is given up when the disk is full, so that removals can be recorded
 *
 * family "default"  family/NAME  {"version":3}                  the version all its records have
 * family NAME       KEY (UTF-8)  {"version":3,"body":{...}}     body: Jackson's form of a record
 * family NAME       KEY (UTF-8)  01, then any bytes             of Documents
 * </pre>
 *
 * <p>Invariant: what {@link Metadata#commit} returned from survives a crash of the process and of
 * the machine; a batch is there entirely or not at all.
 *
 * <p>Imported by every package of {@code storage}, {@code image-service} and {@code sandbox}.
 */
@NullMarked
package io.berth.storage.metadata;

import org.jspecify.annotations.NullMarked;
