/** Tests of the package of the same name. */
@NullMarked
package io.berth.daemon.cri.admin;

import org.jspecify.annotations.NullMarked;
