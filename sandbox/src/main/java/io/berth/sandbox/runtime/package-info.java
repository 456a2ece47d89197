/**
 * What the OCI runtimes of this node can do, as they say themselves.
 *
 * <p>Main types: {@link io.berth.sandbox.runtime.RuntimeProbe} asks them in the background; {@link
 * io.berth.sandbox.runtime.HandlerFeatures} is an answer, with the reason of each no. Invariant: a
 * feature is announced only when the runtime's own binary and the kernel both have it. May be
 * imported by .spec, .operation and daemon; imports .settings.
 */
@NullMarked
package io.berth.sandbox.runtime;

import org.jspecify.annotations.NullMarked;
