/** Tests of the checks of requests. */
@NullMarked
package io.berth.sandbox.request;

import org.jspecify.annotations.NullMarked;
