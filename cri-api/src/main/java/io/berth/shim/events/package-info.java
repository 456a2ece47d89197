/**
 * Events from shims, as generated messages, and the ttrpc service that takes them.
 *
 * <p>{@link ForwardRequest} carries an {@link Envelope}; its Any holds one of the other messages.
 *
 * <p>Invariant: the Any's type_url is the bare message name, without a slash. Imported by:
 * shim-client alone.
 */
@NullMarked
package io.berth.shim.events;

import org.jspecify.annotations.NullMarked;
