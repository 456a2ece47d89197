/** Tests of the package of the same name. */
@NullMarked
package io.berth.daemon.cli.stream;

import org.jspecify.annotations.NullMarked;
