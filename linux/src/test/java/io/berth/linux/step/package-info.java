/** Tests of the steps. */
@NullMarked
package io.berth.linux.step;

import org.jspecify.annotations.NullMarked;
