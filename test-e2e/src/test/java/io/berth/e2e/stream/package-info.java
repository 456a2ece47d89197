/**
 * Clients of streams: {@link io.berth.e2e.stream.SpdyClient} speaks SPDY/3.1 as Kubernetes' clients
 * do. Shares no class with berth. Imported by the tests of the node.
 */
@NullMarked
package io.berth.e2e.stream;

import org.jspecify.annotations.NullMarked;
