/**
 * Images of the tests and the registries that serve them.
 *
 * <p>{@link io.berth.e2e.image.TestImage} is built from Debian's static busybox; {@link
 * io.berth.e2e.image.LocalRegistry} is a real docker-registry on a free port of loopback; {@link
 * io.berth.e2e.image.FaultyRegistry} serves what a registry must not. Nothing is fetched from
 * elsewhere. May be imported by every package of the end-to-end tests.
 */
@NullMarked
package io.berth.e2e.image;

import org.jspecify.annotations.NullMarked;
