/** Tests of the package of the same name. */
@NullMarked
package io.berth.daemon.cli.console;

import org.jspecify.annotations.NullMarked;
