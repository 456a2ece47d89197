/**
 * Reads from a shim's program which of the two forms of the start call it speaks, and how new it
 * is.
 *
 * <p>Main types: {@link io.berth.shimclient.bootstrap.BootstrapForm}, {@link
 * io.berth.shimclient.bootstrap.BootstrapForms}, {@link io.berth.shimclient.bootstrap.NewestShim}.
 *
 * <p>Invariant: a program is looked at once as long as its file stays the same, and is never given
 * the form that it does not speak because another file had its name before.
 *
 * <p>Imported by shim-client's own packages and by daemon.
 */
@NullMarked
package io.berth.shimclient.bootstrap;

import org.jspecify.annotations.NullMarked;
