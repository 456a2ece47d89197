/**
 * The host checker: what the kernel and the file system hold, read without a class of berth.
 *
 * <p>{@link io.berth.e2e.host.HostSnapshot} is a set of lines, one a thing; the difference of two
 * is what was left or lost. {@link io.berth.e2e.host.HostScope} says which folders and names are
 * the node's under test. Nothing here changes the host, except {@link io.berth.e2e.host.Leftovers}.
 * May be imported by every package of the end-to-end tests.
 */
@NullMarked
package io.berth.e2e.host;

import org.jspecify.annotations.NullMarked;
