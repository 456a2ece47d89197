/** Tests of what plugins leave on the host. */
@NullMarked
package io.berth.cni.remains;

import org.jspecify.annotations.NullMarked;
