/**
 * The CRI on a unix socket: the one place where requests become calls and failures become codes.
 *
 * <p>{@link io.berth.daemon.cri.CriServer} serves {@link io.berth.daemon.cri.RuntimeEndpoint} and
 * {@link io.berth.daemon.cri.ImageEndpoint}; {@link io.berth.daemon.cri.StatusMapper} maps errors.
 * Invariant: no request is logged in its plain form, since it may hold credentials. Imported by the
 * daemon's wiring and its CLI.
 */
@NullMarked
package io.berth.daemon.cri;

import org.jspecify.annotations.NullMarked;
