/** Tests of pod networks, with scripted and with real plugins. */
@NullMarked
package io.berth.cni;

import org.jspecify.annotations.NullMarked;
