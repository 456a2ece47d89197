/**
 * Messages that the shim's calls, its events and the proxy plugins share.
 *
 * <p>{@link Mount}, {@link Descriptor}, {@link Status}, {@link ProcessInfo}.
 *
 * <p>Invariant: plain data: no message here is a call. Imported by: shim-client and storage.proxy.
 */
@NullMarked
package io.berth.shim.types;

import org.jspecify.annotations.NullMarked;
