/** Tests of what reads bytes that others wrote. */
@NullMarked
package io.berth.linux.foreign;

import org.jspecify.annotations.NullMarked;
