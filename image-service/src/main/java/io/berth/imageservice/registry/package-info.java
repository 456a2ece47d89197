/**
 * The client side of the OCI distribution protocol: one class per registry operation.
 *
 * <p>Main types: {@link io.berth.imageservice.registry.Registries} (hosts for a registry name, from
 * hosts.toml files), {@link io.berth.imageservice.registry.ResolveManifest}, {@link
 * io.berth.imageservice.registry.FetchBlob}. Invariant: credentials reach only the host they were
 * given for and its token endpoint, never a redirect's target and never a log. May be imported by
 * the pull package and by daemon (wiring).
 */
@NullMarked
package io.berth.imageservice.registry;

import org.jspecify.annotations.NullMarked;
