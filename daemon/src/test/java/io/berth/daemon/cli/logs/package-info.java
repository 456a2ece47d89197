/** Tests of the package of the same name. */
@NullMarked
package io.berth.daemon.cli.logs;

import org.jspecify.annotations.NullMarked;
