/** Tests of the door to the kernel; those tagged {@code root} change the real one and undo it. */
@NullMarked
package io.berth.linux;

import org.jspecify.annotations.NullMarked;
