/**
 * What confines a process: seccomp, AppArmor, SELinux, devices and privilege, from the words of a
 * request to those of the OCI runtime spec.
 *
 * <p>Main types: {@link io.berth.sandbox.security.SecurityHost} looks up on the machine what a
 * request names (profiles, devices) and refuses what cannot be given; {@link
 * io.berth.sandbox.security.SecuritySpec} writes what was found into a spec, as a pure function.
 * Invariant: a profile that was asked for is in force or the request fails. May be imported by
 * .spec, .operation and .recovery; imports .settings and .cdi.
 */
@NullMarked
package io.berth.sandbox.security;

import org.jspecify.annotations.NullMarked;
