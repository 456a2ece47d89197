/**
 * What every package of this module shares: its errors, which the CRI endpoint maps once, and how
 * the CRI counts time.
 *
 * <p>Imported by every package of this module and by daemon.cri; imports none of them.
 */
@NullMarked
package io.berth.sandbox;

import org.jspecify.annotations.NullMarked;
