/**
 * The container: its record and its states.
 *
 * <p>{@link io.berth.sandbox.container.Container} is an immutable value; {@link
 * io.berth.sandbox.container.ContainerStore} holds all of them. Invariant: a container is Exited
 * only with the exit code that its shim reported, or with a reason that says why there is none. May
 * import .sandbox and .record; imported by .operation, .recovery, .spec and .logs.
 */
@NullMarked
package io.berth.sandbox.container;

import org.jspecify.annotations.NullMarked;
