/**
 * The shim's Task service, version 2, as generated messages; it travels over ttrpc.
 *
 * <p>One request and one response for each call of {@code containerd.task.v2.Task}.
 *
 * <p>Invariant: field for field equal to {@code io.berth.shim.v3}. Imported by: shim-client alone.
 */
@NullMarked
package io.berth.shim.v2;

import org.jspecify.annotations.NullMarked;
