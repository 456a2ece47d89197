/**
 * What a request means to the runtime: CRI messages in, OCI runtime specs out, as pure functions.
 *
 * <p>Main types: {@link io.berth.sandbox.spec.FieldPolicy} says which fields are honoured; {@link
 * io.berth.sandbox.spec.PodSpec} and {@link io.berth.sandbox.spec.ContainerSpec} write config.json;
 * {@link io.berth.sandbox.spec.HostLimits} is all they know of the machine. Invariant: no field is
 * dropped in silence, and only {@code HostLimits.read} does I/O. May be imported by .operation and
 * .recovery; imports .sandbox, .container and .security.
 */
@NullMarked
package io.berth.sandbox.spec;

import org.jspecify.annotations.NullMarked;
