/** Tests of the package of the same name. */
@NullMarked
package io.berth.daemon.cri.client;

import org.jspecify.annotations.NullMarked;
