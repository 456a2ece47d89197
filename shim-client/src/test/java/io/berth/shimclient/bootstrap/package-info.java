/** Tests of how the form of a shim's start call is found out. */
@NullMarked
package io.berth.shimclient.bootstrap;

import org.jspecify.annotations.NullMarked;
