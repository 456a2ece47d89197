/**
 * How images arrive: resolve, fetch, verify, apply, commit, name.
 *
 * <p>Main types: {@link io.berth.imageservice.pull.Pulls} (running pulls, joined by equal
 * requests), {@link io.berth.imageservice.pull.ArchiveLoad}, {@link
 * io.berth.imageservice.pull.Unpack}. Invariant: every byte is counted against a limit and verified
 * against its digest before anything names it, and a lease holds it from the first byte on. May be
 * imported by daemon (wiring).
 */
@NullMarked
package io.berth.imageservice.pull;

import org.jspecify.annotations.NullMarked;
