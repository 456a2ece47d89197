/** Tests of {@link io.berth.linux.usage}. */
@NullMarked
package io.berth.linux.usage;

import org.jspecify.annotations.NullMarked;
