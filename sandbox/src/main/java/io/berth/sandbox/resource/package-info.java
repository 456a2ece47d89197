/**
 * Things that exist outside the metadata store: what kinds there are, and how each is made absent.
 *
 * <p>{@link io.berth.sandbox.resource.Resources} plans them in the ledger before they are made and
 * releases them in the right order; one {@link io.berth.sandbox.resource.Remover} a kind does it.
 * Failure, stop, removal and recovery all go this one way. Invariant: a thing that stands in the
 * kernel has an entry, and an entry goes only after its thing. Imported by .operation and
 * .recovery.
 */
@NullMarked
package io.berth.sandbox.resource;

import org.jspecify.annotations.NullMarked;
