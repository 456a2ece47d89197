/**
 * Checks of what a request asks for, before anything is looked at or made for it.
 *
 * <p>{@link io.berth.sandbox.request.PodNames} checks the names that a pod gives. Invariant: what
 * is refused here is refused as InvalidRequest with the field's name, what was found and what is
 * wanted. Imported by operation and spec.
 */
@NullMarked
package io.berth.sandbox.request;

import org.jspecify.annotations.NullMarked;
