/** Tests of the node's two folders. */
@NullMarked
package io.berth.daemon.home;

import org.jspecify.annotations.NullMarked;
