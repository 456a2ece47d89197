/**
 * Tests of the stream server: over real sockets, with clients of Kubernetes' manners and of none.
 * Imported by nobody.
 */
@NullMarked
package io.berth.streaming;

import org.jspecify.annotations.NullMarked;
