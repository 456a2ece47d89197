/**
 * The shim's Task service, version 3, as generated messages; it travels over ttrpc.
 *
 * <p>One request and one response for each call of {@code containerd.task.v3.Task}.
 *
 * <p>Invariant: field for field equal to {@code io.berth.shim.v2}. Imported by: shim-client alone.
 */
@NullMarked
package io.berth.shim.v3;

import org.jspecify.annotations.NullMarked;
